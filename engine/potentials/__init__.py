"""Energies and forces in batches.

The public list names the files: torch and dscribe are imported only by whoever imports the file.
"""

__all__ = [
    "ase_calculator",
    "bootstrap_committee",
    "calculator",
    "calibrated",
    "chgnet",
    "delta",
    "device",
    "dynamics",
    "file_committee",
    "force_constants",
    "held_out",
    "independent_members",
    "lower_bound",
    "mace",
    "model_file",
    "network_committee",
    "network_inputs",
    "network_training",
    "nothing",
    "relax",
    "remembered",
    "repulsion",
    "saved",
    "silicon",
    "sparse_gpr",
    "stress",
    "training_rows",
]
