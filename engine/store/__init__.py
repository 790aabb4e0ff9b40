"""The campaign's database: one ASE database that also holds the log, the inbox and the rows."""

from engine.store.barriers import Barrier
from engine.store.database import Store
from engine.store.lock import folder_lock, is_locked
from engine.store.past import PastStore
from engine.store.rows import (
    REFERENCE,
    Imported,
    Measured,
    NewestScore,
    Pending,
    ProposalTable,
    Proposed,
    Score,
    SearchedSoFar,
    StoredStep,
    Summary,
    Walked,
)
from engine.store.transaction import Transaction
from engine.store.watched import ROLES, Jump, Stay, Visited, Watched

__all__ = [
    "REFERENCE",
    "ROLES",
    "Barrier",
    "Imported",
    "Jump",
    "Measured",
    "NewestScore",
    "PastStore",
    "Pending",
    "ProposalTable",
    "Proposed",
    "Score",
    "SearchedSoFar",
    "Stay",
    "Store",
    "StoredStep",
    "Summary",
    "Transaction",
    "Visited",
    "Walked",
    "Watched",
    "folder_lock",
    "is_locked",
]
