"""A MACE model with random weights: a few hundred kB, a tenth of a second a call."""

import numpy as np
import torch
from ase.data import atomic_numbers

torch.serialization.add_safe_globals([slice])


def small_mace(path, symbols, seed=0, *, tiny=False):
    """Write a model for these elements and return its path; a tiny one has one layer and compiles sooner."""
    from e3nn import o3
    from mace import modules

    torch.manual_seed(seed)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        model = modules.ScaleShiftMACE(
            r_max=4.5,
            num_bessel=6,
            num_polynomial_cutoff=5,
            max_ell=1 if tiny else 2,
            interaction_cls=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
            interaction_cls_first=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
            num_interactions=1 if tiny else 2,
            num_elements=len(symbols),
            hidden_irreps=o3.Irreps("4x0e" if tiny else "16x0e + 16x1o"),
            MLP_irreps=o3.Irreps("4x0e" if tiny else "16x0e"),
            atomic_energies=np.full(len(symbols), -1.0),
            avg_num_neighbors=8.0,
            atomic_numbers=sorted(atomic_numbers[s] for s in symbols),
            correlation=1 if tiny else 2,
            gate=torch.nn.functional.silu,
            atomic_inter_scale=0.5,
            atomic_inter_shift=0.0,
        )
    finally:
        torch.set_default_dtype(before)
    torch.save(model, path)
    return path
