"""Papers that a methods paragraph names, by what was used of them."""

from __future__ import annotations

PAPERS = {
    "ase": "A. H. Larsen et al., J. Phys.: Condens. Matter 29, 273002 (2017)",
    "chgnet": "B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023)",
    "mace": "I. Batatia et al., arXiv:2401.00096 (2023)",
    "soap": "A. P. Bartók, R. Kondor, G. Csányi, Phys. Rev. B 87, 184115 (2013)",
    "dscribe": "L. Himanen et al., Comput. Phys. Commun. 247, 106949 (2020)",
    "delta": "N. Pitfield, M.-P. V. Christiansen, B. Hammer, arXiv:2507.18485 (2025)",
    "networks": "J. Behler, M. Parrinello, Phys. Rev. Lett. 98, 146401 (2007)",
    "gfn1-xtb": "S. Grimme, C. Bannwarth, P. Shushkov, J. Chem. Theory Comput. 13, 1989 (2017)",
    "gfn2-xtb": "C. Bannwarth, S. Ehlert, S. Grimme, J. Chem. Theory Comput. 15, 1652 (2019)",
    "gpaw": "J. J. Mortensen et al., J. Chem. Phys. 160, 092503 (2024)",
    "random-search": "C. J. Pickard, R. J. Needs, J. Phys.: Condens. Matter 23, 053201 (2011)",
    "basin-hopping": "D. J. Wales, J. P. K. Doye, J. Phys. Chem. A 101, 5111 (1997)",
    "gofee": "M. K. Bisbo, B. Hammer, Phys. Rev. Lett. 124, 086102 (2020)",
    "query-by-committee": "H. S. Seung, M. Opper, H. Sompolinsky, Proc. COLT, 287 (1992)",
    "stillinger-weber": "F. H. Stillinger, T. A. Weber, Phys. Rev. B 31, 5262 (1985)",
    "tersoff-silicon": "J. Tersoff, Phys. Rev. B 38, 9902 (1988)",
}
"""One line each; a name that stands here is cited wherever the campaign used it."""

FAMILIES = ("chgnet", "mace", "gpaw")
"""Names that begin so are of one paper."""


class Cited:
    """Numbers papers in the order in which they are first named."""

    def __init__(self) -> None:
        self._named: list[str] = []

    def __call__(self, *names: str) -> str:
        """`` [1, 2]`` for those that have a paper; empty if none has."""
        known = [family_or_self(name) for name in names]
        numbers = [self._number(name) for name in known if name in PAPERS]
        return f" [{', '.join(map(str, sorted(set(numbers))))}]" if numbers else ""

    def list(self) -> list[str]:
        """The papers, numbered."""
        return [f"[{number}] {PAPERS[name]}" for number, name in enumerate(self._named, 1)]

    def _number(self, name: str) -> int:
        if name not in self._named:
            self._named.append(name)
        return self._named.index(name) + 1


def family_or_self(name: str) -> str:
    """``chgnet`` for ``chgnet-0.3.0``; any other name as it is."""
    return next((family for family in FAMILIES if name.startswith(family)), name)
