"""Symmetry functions of a few centres, and how they change with the distances that they depend on.

Behler, J. Chem. Phys. 134, 074106 (2011). A radial function depends on one distance, an angular one on three:
to both neighbours, and between them. With A(cos θ) = 2^(1−ζ) (1 + λ cos θ)^ζ and
B = exp(−η (r_ij² + r_ik² + r_jk²)) f_c f_c f_c, each G4 is Σ A B. Its slopes by those of A and B are
written out, since every derivative that is asked for is a product of the same few arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.config import SymmetryFunctions
from engine.descriptors.pairs import Pairs

Tensor = torch.Tensor
IntArray = NDArray[np.int64]

_TINY = 1e-300  # a power of what rounding has taken to 0 or below, and a distance of 0


@dataclass(frozen=True, eq=False)
class Segments:
    """Runs of triplets of one centre and one pair of species.

    Attributes
    ----------
    center : (s,) atom
    columns : (s, n_angular) its features of that pair
    start, stop : (s,) first triplet of each run, and the first behind it
    of : (t,) the run of each triplet
    """

    center: Tensor
    columns: Tensor
    start: IntArray
    stop: IntArray
    of: Tensor


@dataclass(frozen=True, eq=False)
class Block:
    """Pairs (p) and triplets (t) about a few centres.

    Attributes
    ----------
    center, neighbour : (p,) atoms of each pair
    vector, unit : (3, p) from center to neighbour (Å), and its direction
    radial : (n_radial, p) each pair's part of its radial functions
    radial_slope : (n_radial, p) by the distance
    columns : (p,) first feature of the neighbour's species
    segments : runs of triplets, one after the other
    first, second : (t,) pairs that are the legs of a triplet
    across, across_unit : (3, t) from the first neighbour to the second
    angle, angle_slope : (n_angle, t) A, and by cos θ
    envelope : (n_eta, t) B
    envelope_slope : (3, n_eta, t) by each distance: first leg, second leg, across
    cosine_slope : (3, t) of cos θ by each distance
    """

    center: Tensor
    neighbour: Tensor
    vector: Tensor
    unit: Tensor
    radial: Tensor
    radial_slope: Tensor
    columns: Tensor
    segments: Segments
    first: Tensor
    second: Tensor
    across: Tensor
    across_unit: Tensor
    angle: Tensor
    angle_slope: Tensor
    envelope: Tensor
    envelope_slope: Tensor
    cosine_slope: Tensor

    @classmethod
    def of(cls, pairs: Pairs, kinds: IntArray, functions: SymmetryFunctions, n_species: int) -> Block:
        """Evaluate all functions of the centres of `pairs`, sorted by center and by the neighbour's kind."""
        r_cut = functions.r_cut
        apart = pairs.vectors.any(axis=0)
        center, neighbour = pairs.center[apart], pairs.neighbour[apart]
        vector = torch.as_tensor(pairs.vectors[:, apart])
        kind = kinds[neighbour]
        distance = _length(vector)
        fade, fade_slope = _cutoff(distance, r_cut)
        radial, radial_slope = _radial(functions, distance, fade, fade_slope)

        first, second = _triplets(center)
        across = vector[:, second] - vector[:, first]
        met = np.flatnonzero(_length(across).numpy() < r_cut)
        pair_of_kinds = _pair_index(n_species)[kind[first[met]], kind[second[met]]]
        key = center[first[met]] * (n_species * (n_species + 1) // 2) + pair_of_kinds
        if n_species > 1:
            order = np.argsort(key, kind="stable")
            met, key = met[order], key[order]
        first, second, across = first[met], second[met], across[:, met]
        segments = _segments(key, n_species, functions)

        a, b, c = distance[first], distance[second], _length(across)
        cosine = (a**2 + b**2 - c**2) / (2 * a * b)
        angle, angle_slope = _angle(functions, cosine)
        far, far_slope = _cutoff(c, r_cut)
        fades = (fade[first], fade[second], far)
        slopes = (fade_slope[first], fade_slope[second], far_slope)
        envelope, envelope_slope = _envelope(functions, (a, b, c), fades, slopes)
        return cls(
            center=torch.as_tensor(center),
            neighbour=torch.as_tensor(neighbour),
            vector=vector,
            unit=vector / distance,
            radial=radial,
            radial_slope=radial_slope,
            columns=torch.as_tensor(kind * len(functions.g2)),
            segments=segments,
            first=torch.as_tensor(first),
            second=torch.as_tensor(second),
            across=across,
            across_unit=across / c.clamp(min=_TINY),
            angle=angle,
            angle_slope=angle_slope,
            envelope=envelope,
            envelope_slope=envelope_slope,
            cosine_slope=torch.stack([1 / b - cosine / a, 1 / a - cosine / b, -c / (a * b)]),
        )

    def add_features(self, features: Tensor) -> None:
        """Add to the rows of this block's centres, in `features` (n, d)."""
        self._add_radial(features[None], self.radial[None])
        parts = (self.envelope[:, None] * self.angle).flatten(0, 1).numpy()
        runs = self.segments
        if len(runs.start):
            summed = np.add.reduceat(parts, runs.start, axis=1)
            features[runs.center[:, None], runs.columns] = torch.as_tensor(summed.T)

    def add_directional(self, changes: Tensor, moves: Tensor) -> None:
        """Add what the features change by when atoms move: `changes` (R, n, d) for `moves` (R, n, 3)."""
        self._add_changes(changes, moves[:, self.neighbour] - moves[:, self.center])

    def add_strained(self, changes: Tensor, strains: Tensor) -> None:
        """Add what the features change by under strain: `changes` (R, n, d) for `strains` (R, 3, 3)."""
        self._add_changes(changes, (strains @ self.vector).transpose(1, 2))

    def add_gradient(self, gradient: Tensor, virial: Tensor, slope: Tensor) -> None:
        """Add the derivatives of what depends on the features by `slope` (K, n, d).

        Parameters
        ----------
        gradient : (n, K, 3) by positions
        virial : (n, K, 9) by strain, at the centre that it comes from
        slope : (K, n, d)
        """
        pull = torch.empty(len(slope), 3, len(self.first), dtype=slope.dtype)
        runs = self.segments
        for one, of_runs in zip(pull, slope[:, runs.center[:, None], runs.columns], strict=True):
            # before the functions are multiplied out, a third of the work
            by = of_runs.T.contiguous()[:, runs.of].view(len(self.envelope), len(self.angle), -1)
            turned = ((by * self.angle_slope).sum(dim=1) * self.envelope).sum(dim=0)
            torch.addcmul(
                (self.envelope_slope * (by * self.angle).sum(dim=1)).sum(dim=1),
                self.cosine_slope,
                turned,
                out=one,
            )
        columns = self.columns[:, None] + torch.arange(len(self.radial))
        stretch = (slope[:, self.center[:, None], columns] * self.radial_slope.T).sum(dim=2).T.contiguous()
        stretch.index_add_(0, self.first, pull[:, 0].T)
        stretch.index_add_(0, self.second, pull[:, 1].T)
        across = pull[:, 2].T.contiguous()
        dyads = _dyads(self.across_unit, self.across)
        virial.index_add_(0, self.center[self.first], across[:, :, None] * dyads[:, None])
        virial.index_add_(0, self.center, stretch[:, :, None] * _dyads(self.unit, self.vector)[:, None])
        along = stretch[:, :, None] * self.unit.T[:, None]
        apart = across[:, :, None] * self.across_unit.T[:, None]
        for atoms, pulled in (
            (self.neighbour, along),
            (self.center, -along),
            (self.neighbour[self.second], apart),
            (self.neighbour[self.first], -apart),
        ):
            gradient.index_add_(0, atoms, pulled)

    def _add_radial(self, rows: Tensor, parts: Tensor) -> None:
        """Add each pair's `parts` (R, n_radial, p) to its centre's features, rows (R, n, d)."""
        n, d = rows.shape[1:]
        for one, part in zip(rows, parts, strict=True):
            place = self.center * d + self.columns
            for k, values in enumerate(part):
                one.view(n * d).index_add_(0, place + k, values)

    def _add_changes(self, changes: Tensor, along: Tensor) -> None:
        """Add to `changes` (R, n, d) when the vectors of all pairs change by `along` (R, p, 3)."""
        stretch = torch.einsum("rpx,xp->rp", along, self.unit)
        self._add_radial(changes, stretch[:, None] * self.radial_slope)
        across = torch.einsum("rtx,xt->rt", along[:, self.second] - along[:, self.first], self.across_unit)
        stretches = torch.stack([stretch[:, self.first], stretch[:, self.second], across])
        slopes = self._angular_slope()
        runs = self.segments
        for center, columns, start, stop in zip(
            runs.center, runs.columns, runs.start, runs.stop, strict=True
        ):
            legs = stretches[:, :, start:stop] @ slopes[:, :, start:stop].transpose(1, 2)
            changes[:, center, columns] = legs.sum(dim=0)

    def _angular_slope(self) -> Tensor:
        """Derivatives of each triplet's part of its G4 by its three distances, (3, n_angular, t)."""
        turned = self.cosine_slope[:, None] * self.envelope
        slope = turned[:, :, None] * self.angle_slope
        slope.addcmul_(self.envelope_slope[:, :, None], self.angle)
        return slope.flatten(1, 2)


def _length(vector: Tensor) -> Tensor:
    """Of vectors (3, n); torch's own norm over the first axis takes ten times as long."""
    x, y, z = vector
    return torch.sqrt(x * x + y * y + z * z)


def _dyads(unit: Tensor, vector: Tensor) -> Tensor:
    """Products u_x r_y of vectors (3, n): (n, 9)."""
    return (unit[:, None] * vector).flatten(0, 1).T.contiguous()


def _cutoff(r: Tensor, r_cut: float) -> tuple[Tensor, Tensor]:
    """f_c = ½ [cos(π r / R_c) + 1] and its slope (1/Å)."""
    phase = torch.pi / r_cut * r
    return 0.5 * (torch.cos(phase) + 1), -0.5 * torch.pi / r_cut * torch.sin(phase)


def _radial(
    functions: SymmetryFunctions, r: Tensor, fade: Tensor, fade_slope: Tensor
) -> tuple[Tensor, Tensor]:
    eta, shift = torch.tensor(functions.g2, dtype=r.dtype).reshape(-1, 2).T[:, :, None]
    bell = torch.exp(-eta * (r - shift) ** 2)
    return bell * fade, bell * (fade_slope - 2 * eta * (r - shift) * fade)


def _angle(functions: SymmetryFunctions, cosine: Tensor) -> tuple[Tensor, Tensor]:
    zeta = torch.tensor(functions.g4.zeta, dtype=cosine.dtype)[:, None, None]
    sign = torch.tensor(functions.g4.sign, dtype=cosine.dtype)[:, None]
    # rounding may take λ cos θ below −1, where a power that is no integer is not a number
    log = torch.log(torch.clamp(1 + sign * cosine, min=_TINY))
    scale = 2 ** (1 - zeta)
    value, slope = scale * torch.exp(zeta * log), scale * zeta * sign * torch.exp((zeta - 1) * log)
    return value.flatten(0, 1), slope.flatten(0, 1)


def _envelope(
    functions: SymmetryFunctions,
    distances: tuple[Tensor, Tensor, Tensor],
    fades: tuple[Tensor, Tensor, Tensor],
    slopes: tuple[Tensor, Tensor, Tensor],
) -> tuple[Tensor, Tensor]:
    eta = torch.tensor(functions.g4.eta, dtype=fades[0].dtype)[:, None]
    a, b, c = fades
    bell = torch.exp(-eta * sum(r**2 for r in distances))
    value = bell * (a * b * c)
    faded = (slopes[0] * b * c, a * slopes[1] * c, a * b * slopes[2])
    steps = [bell * f - 2 * eta * r * value for f, r in zip(faded, distances, strict=True)]
    return value, torch.stack(steps)


def _triplets(center: IntArray) -> tuple[IntArray, IntArray]:
    """Pairs of pairs about the same centre; `center` (p,) is sorted."""
    pair = np.arange(len(center))
    partners = np.searchsorted(center, center, side="right") - pair - 1
    first = np.repeat(pair, partners)
    before = np.repeat(np.cumsum(partners) - partners, partners)
    return first, np.arange(len(first)) - before + first + 1


def _pair_index(n_species: int) -> IntArray:
    """Number of a pair of species a ≤ b among all of them, (n_species, n_species)."""
    index = np.zeros((n_species, n_species), dtype=np.int64)
    index[np.triu_indices(n_species)] = np.arange(n_species * (n_species + 1) // 2)
    return index


def _segments(key: IntArray, n_species: int, functions: SymmetryFunctions) -> Segments:
    """Runs of equal keys, centre · number of pairs of species + pair of species."""
    n_angular, base = len(functions.angular), n_species * len(functions.g2)
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    centers, pairs = np.divmod(key[starts], n_species * (n_species + 1) // 2)
    stops = np.append(starts[1:], len(key))[: len(starts)]
    return Segments(
        center=torch.as_tensor(centers),
        columns=torch.as_tensor(base + pairs[:, None] * n_angular + np.arange(n_angular)),
        start=starts,
        stop=stops,
        of=torch.as_tensor(np.repeat(np.arange(len(starts)), stops - starts)),
    )
