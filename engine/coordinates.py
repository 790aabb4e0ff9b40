"""Coordinates of many frames as one line of text, which JSON takes."""

from __future__ import annotations

import base64

import numpy as np

from engine.protocols import FloatArray

_KEPT = np.dtype("<f4")  # 1e-6 Å at 10 Å


def packed(frames: FloatArray) -> str:
    """Positions (n_frames, n_atoms, 3) Å in single precision, in base64."""
    return base64.b64encode(np.asarray(frames, dtype=_KEPT).tobytes()).decode("ascii")


def unpacked(text: str, n_atoms: int) -> FloatArray:
    """Inverse of `packed`: (n_frames, n_atoms, 3) Å."""
    return np.frombuffer(base64.b64decode(text), dtype=_KEPT).reshape(-1, n_atoms, 3).astype(float)
