"""What a model is computed on."""

from __future__ import annotations

import torch

from engine.errors import ConfigError


def device_of(program: str, name: str) -> torch.device:
    """A device by its name, as ``cpu``, ``cuda`` or ``cuda:1``.

    Parameters
    ----------
    program : who is to use it, for people
    name : as torch calls it

    Raises
    ------
    ConfigError
        if it is not here
    """
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        line = str(error).partition("\n")[0]
        raise ConfigError(f"{program}: device = {name!r} is not here: {line}") from error
    return torch.device(name)
