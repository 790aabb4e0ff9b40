"""Studies: restarts of searches and how soon each succeeds; races of rules; screenings of materials."""

from engine.study.outcomes import Outcome, Reached, outcomes
from engine.study.protocol import Arm, Protocol, read_protocol
from engine.study.race import RaceRun, finished, run_race
from engine.study.race_protocol import RaceProtocol, read_race
from engine.study.race_report import write_race
from engine.study.report import Verdict, summary, verdicts, write_report
from engine.study.restarts import run_study
from engine.study.screen import Screened, run_screen, screened
from engine.study.screen_protocol import ScreenProtocol, read_screen
from engine.study.screen_report import write_screen

__all__ = [
    "Arm",
    "Outcome",
    "Protocol",
    "RaceProtocol",
    "RaceRun",
    "Reached",
    "ScreenProtocol",
    "Screened",
    "Verdict",
    "finished",
    "outcomes",
    "read_protocol",
    "read_race",
    "read_screen",
    "run_race",
    "run_screen",
    "run_study",
    "screened",
    "summary",
    "verdicts",
    "write_race",
    "write_report",
    "write_screen",
]
