"""Studies: many restarts of several searches, and how soon each succeeds; races of selection rules."""

from engine.study.outcomes import Outcome, Reached, outcomes
from engine.study.protocol import Arm, Protocol, read_protocol
from engine.study.race import RaceRun, finished, run_race
from engine.study.race_protocol import RaceProtocol, read_race
from engine.study.race_report import write_race
from engine.study.report import Verdict, summary, verdicts, write_report
from engine.study.restarts import run_study

__all__ = [
    "Arm",
    "Outcome",
    "Protocol",
    "RaceProtocol",
    "RaceRun",
    "Reached",
    "Verdict",
    "finished",
    "outcomes",
    "read_protocol",
    "read_race",
    "run_race",
    "run_study",
    "summary",
    "verdicts",
    "write_race",
    "write_report",
]
