"""CHGNet's forward pass, arranged for speed: site energies of a batch.

Deng et al., Nat. Mach. Intell. 5, 1031 (2023); weights and basis functions are those of the package. The
first layer of each gated MLP acts on atoms, bonds and angles joined along an edge; being linear it acts here
on each of them before they are joined, on far fewer rows. Core and gate go through it together.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import silu

from engine.potentials.chgnet_graph import Graph

Rows = tuple[torch.Tensor, torch.Tensor | None]
"""Values, and which of their rows belong to each edge (None: one row each)."""


class SiteEnergies:
    """Energy of each atom (eV), differentiable with respect to the graph's positions.

    Parameters
    ----------
    network : the package's model
    """

    def __init__(self, network: Any) -> None:
        self._network = network
        self._atom_gates = [_Gate(layer.twoBody_atom, n_parts=3) for layer in network.atom_conv_layers]
        self._bond_gates = [_Gate(layer.twoBody_bond, n_parts=4) for layer in network.bond_conv_layers]
        self._angle_gates = [_Gate(layer.twoBody_bond, n_parts=4) for layer in network.angle_layers]

    def __call__(self, graph: Graph) -> torch.Tensor:
        """Return (n_atoms,) eV."""
        network = self._network
        n_bonds = len(graph.first)
        center = torch.cat([graph.first, graph.second])
        neighbor = torch.cat([graph.second, graph.first])
        bond_of = torch.arange(n_bonds).repeat(2)
        first_bond, second_bond = graph.angles % max(n_bonds, 1)
        angle_center = center[graph.angles[0]]
        atom_basis, bond_basis, angle_basis = self._bases(graph)

        atoms = network.atom_embedding(graph.numbers - 1)
        bonds = network.bond_embedding(atom_basis)
        angles = network.angle_embedding(angle_basis)
        atom_weights = network.bond_weights_ag(atom_basis)[bond_of]
        bond_weights = network.bond_weights_bg(bond_basis)
        angle_weights = bond_weights[first_bond] * bond_weights[second_bond]

        def corners() -> tuple[Rows, ...]:
            return (bonds, first_bond), (bonds, second_bond), (angles, None), (atoms, angle_center)

        last = len(self._atom_gates) - 1
        for layer, atom_gate in enumerate(self._atom_gates):
            messages = atom_gate((atoms, center), (bonds, bond_of), (atoms, neighbor)) * atom_weights
            atoms = atoms + network.atom_conv_layers[layer].mlp_out(_sum(messages, center, atoms))
            if layer < last:
                messages = self._bond_gates[layer](*corners()) * angle_weights
                update = network.bond_conv_layers[layer].mlp_out(_sum(messages, first_bond, bonds))
                bonds = bonds + update * graph.angled  # 0.2.0 has a bias here, which only angles bring in
            if layer < last - 1:  # the last angles reach no atom
                angles = angles + self._angle_gates[layer](*corners())
        if network.readout_norm is not None:
            atoms = network.readout_norm(atoms)
        energies: torch.Tensor = network.mlp(atoms)[:, 0]
        references: torch.Tensor = network.composition_model.fc.weight[0]
        return energies + references[graph.numbers - 1]

    def _bases(self, graph: Graph) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Radial bases of both graphs (n_bonds, n_radial) and the angular basis (n_angles, n_angular)."""
        vectors = graph.positions[graph.first] - graph.positions[graph.second] - graph.shift
        lengths = torch.linalg.norm(vectors, dim=1)
        units = vectors / lengths[:, None]
        directed = torch.cat([units, -units])
        radial = self._network.bond_basis_expansion
        angular = self._network.angle_basis_expansion(directed[graph.angles[0]], directed[graph.angles[1]])
        return radial.rbf_expansion_ag(lengths), radial.rbf_expansion_bg(lengths), angular


class _Gate:
    """Gated MLP silu(core) · sigmoid(gate) of joined inputs, each MLP with one hidden layer or none."""

    def __init__(self, gated: Any, n_parts: int) -> None:
        core, gate = (
            [layer for layer in mlp.layers if isinstance(layer, torch.nn.Linear)]
            for mlp in (gated.mlp_core, gated.mlp_gate)
        )
        weight = torch.cat([core[0].weight, gate[0].weight])
        self._parts = [part.T.contiguous() for part in weight.chunk(n_parts, dim=1)]
        self._bias = torch.cat([core[0].bias, gate[0].bias])
        self._second = (core[1], gate[1]) if len(core) > 1 else None
        self._norms = (gated.bn1, gated.bn2) if gated.norm is not None else None

    def __call__(self, *inputs: Rows) -> torch.Tensor:
        joined = self._bias
        for (values, rows), weight in zip(inputs, self._parts, strict=True):
            part = values @ weight
            joined = joined + (part if rows is None else part[rows])
        if self._second is None:
            core, gate = joined.chunk(2, dim=1)
        else:
            core, gate = silu(joined).chunk(2, dim=1)
            core, gate = self._second[0](core), self._second[1](gate)
        if self._norms is not None:
            core, gate = self._norms[0](core), self._norms[1](gate)
        return silu(core) * torch.sigmoid(gate)


def _sum(messages: torch.Tensor, owners: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(like).index_add(0, owners, messages)
