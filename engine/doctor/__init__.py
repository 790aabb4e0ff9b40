"""What works on this machine, and what to type for the rest."""

from engine.doctor.examination import Finding, examine

__all__ = ["Finding", "examine"]
