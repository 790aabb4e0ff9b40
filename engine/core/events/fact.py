"""What all events are: facts, and who is behind one."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Auth = Literal["local", "password", "shared", "oauth", "policy", "engine"]
"""How a name was proven: `local` is whoever sits at this machine, `shared` whoever knew the one password of
all, under a name that nothing proves; `policy` is a rule and `engine` the loop itself, neither a person."""


class Fact(BaseModel):
    """Base of all events: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
