"""Studies: many restarts of several searches, and how soon each search succeeds."""

from engine.study.outcomes import Outcome, Reached, outcomes
from engine.study.protocol import Arm, Protocol, read_protocol
from engine.study.report import Verdict, summary, verdicts, write_report
from engine.study.restarts import run_study

__all__ = [
    "Arm",
    "Outcome",
    "Protocol",
    "Reached",
    "Verdict",
    "outcomes",
    "read_protocol",
    "run_study",
    "summary",
    "verdicts",
    "write_report",
]
