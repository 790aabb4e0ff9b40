"""What curation changed: what the rule alone would have sent, beside what people sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dashboard.panels.markup import e
from dashboard.words import age
from engine.config import CampaignSettings
from engine.core import Campaign, Composition, Curation, Group, by_energy, by_error, curation

Compositions = Callable[[Sequence[str]], Mapping[str, Composition]]


def curation_html(campaign: Campaign, compositions: Compositions) -> str:
    """In words and as a table; nothing before a person has decided.

    Parameters
    ----------
    campaign : that people curate
    compositions : of candidates; asked of labelled ones, once the control sample has labels
    """
    said = curation(campaign)
    if not said.decided:
        return ""
    groups = (
        ("sent by both", said.agreed),
        ("you vetoed", said.spared),
        ("you overruled", said.overruled),
        ("held by both", said.held),
        ("control", said.control),
    )
    table = "".join(_part(name, group) for name, group in groups if group.candidates)
    return f"<h2>What curation changed</h2><p>{e(words(campaign, said, compositions))}</p>{table}"


def words(campaign: Campaign, said: Curation, compositions: Compositions) -> str:
    """The difference in one or two sentences."""
    parts = [
        f"The rule alone would have sent {said.rule_alone} of {said.decided} candidates that people decided; "
        f"{said.sent} were sent."
    ]
    if said.spared.candidates and said.core_seconds_each is not None:
        saved = age(said.spared.candidates * said.core_seconds_each)
        parts.append(f"Vetoes of what passes all checks saved about {saved} of core time.")
    if said.control.labels:
        labelled = (*said.agreed.labelled, *said.overruled.labelled, *said.control.labelled)
        known = compositions([c.id for c in labelled])
        minima = CampaignSettings.model_validate(dict(campaign.settings)).seeks_minima
        parts.append(_of_energies(said, known) if minima else _of_errors(said, known))
    elif said.spared.candidates and not said.control.candidates:
        parts.append("Whether they were right, only a control sample can say ([curation] control).")
    return " ".join(parts)


def _of_energies(said: Curation, compositions: Mapping[str, Composition]) -> str:
    """Whether a control is lower than what was sent of its composition."""
    found = by_energy(said, compositions)
    parts = []
    if found.lower:
        parts.append("The control sample holds a lower minimum than what was sent: a veto missed it.")
    elif found.higher:
        parts.append("No label of the control sample is lower than those that were sent.")
    if found.alone:
        parts.append(
            f"{len(found.alone)} of its {said.control.labels} labels cannot be compared: "
            "nothing that was sent has their composition."
        )
    return " ".join(parts)


def _of_errors(said: Curation, compositions: Mapping[str, Composition]) -> str:
    """Whether the surrogate knew controls less well than what was sent."""
    found = by_error(said, compositions)
    if found.control is None or found.agreed is None:
        return (
            "Whether vetoes were right cannot be said yet: it takes labels of the control sample and of "
            "what was sent by both, selected after a fit."
        )
    unit = "eV/atom" if found.an_atom else "eV"
    known = "less well" if found.control > found.agreed else "no less well"
    return (
        f"The median error of the control sample was {found.control:.4f} {unit}, that of what was sent by "
        f"both {found.agreed:.4f} {unit}: the model knew what you vetoed {known}."
    )


def _part(title: str, group: Group) -> str:
    rows = [("candidates", str(group.candidates))]
    if group.labels or group.wasted:
        rows.append(("labels", str(group.labels)))
        rows.append(("without a label", str(group.wasted)))
        rows.append(("core time", age(group.core_seconds)))
    if group.error_eV is not None:
        rows.append(("surprise of a label", f"{group.error_eV:.3f} eV"))
    cells = "".join(
        f"<div><dt>{e(name)}</dt><dd>{e(value)}</dd></div>" for name, value in rows if value != "0"
    )
    return f'<section data-part="{e(title)}"><h3>{e(title)}</h3><dl>{cells}</dl></section>'
