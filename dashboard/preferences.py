"""What a person likes, kept on the server: a small JSON beside the campaigns."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from dashboard.people import Person
from engine import campaigns
from engine.durable import replace_text

FILENAME = "preferences.json"
Theme = Literal["light", "dark", "system"]

_lock = threading.Lock()


class Preferences(BaseModel):
    """One person's.

    Attributes
    ----------
    theme : `system` follows the browser
    system_dark : what the browser said last, so that the next page starts in the right colours
    notify : whether the browser may be asked to show a notification
    class_mode : type for a room that reads from a wall
    toured : whether the tour was shown
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    theme: Theme = "system"
    system_dark: bool = False
    notify: bool = False
    class_mode: bool = False
    toured: bool = False

    @property
    def dark(self) -> bool:
        """Whether a page starts dark."""
        return self.system_dark if self.theme == "system" else self.theme == "dark"


def load(person: Person) -> Preferences:
    """A person's preferences; the defaults where none are kept or the file cannot be read."""
    kept = _read(_path()).get(_key(person), {})
    try:
        return Preferences.model_validate(kept)
    except ValidationError:
        return Preferences()


def change(person: Person, **fields: object) -> Preferences:
    """Keep some of a person's preferences; the file is replaced at once or not at all."""
    with _lock:
        changed = Preferences.model_validate({**load(person).model_dump(), **fields})
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**_read(path), _key(person): changed.model_dump()}, indent=2)
        replace_text(path, text)
    return changed


def _path() -> Path:
    return campaigns.home() / FILENAME


def _key(person: Person) -> str:
    return f"{person.auth}:{person.name}"


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
