"""Data goes out: what a campaign knows, in the formats that others read."""

from engine.export.campaign import Format, export
from engine.export.frames import What

__all__ = ["Format", "What", "export"]
