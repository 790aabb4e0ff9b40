"""Energies and forces in batches.

The public list names the files: torch and dscribe are imported only by whoever imports the file.
"""

__all__ = [
    "ase_calculator",
    "bootstrap_committee",
    "calculator",
    "chgnet",
    "delta",
    "held_out",
    "lower_bound",
    "mace",
    "network_committee",
    "network_inputs",
    "network_training",
    "nothing",
    "relax",
    "repulsion",
    "saved",
    "silicon",
    "sparse_gpr",
    "stress",
    "training_rows",
]
