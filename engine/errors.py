"""The errors a person can meet.

::

    DeltadeskError                 one clear line: what is wrong, what was got, what to do
    ├── ConfigError                campaign.toml or a setting is not usable
    ├── MissingPackageError        a potential or reference needs something that is not installed
    ├── CampaignError              the folder or its database is not usable
    │   ├── CampaignBusyError      another process is the one writer
    │   └── StorageError           the disk or the database does not do its part
    ├── NotAllowedError            a person's role is not enough for it
    ├── StructureError             a structure that cannot be used
    └── CalculationError           a reference calculation that gave no label
"""

MOST_LETTERS = 600


def one_line(words: object) -> str:
    """Words as one line that any terminal, log or page can show: what is not printable is spelt out."""
    line = " ".join(str(words).split())
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    return shown if len(shown) <= MOST_LETTERS else f"{shown[: MOST_LETTERS - 1]}…"


class DeltadeskError(Exception):
    """Base of all errors that are shown as one line, never as a traceback."""

    def __str__(self) -> str:
        return one_line(super().__str__())


class ConfigError(DeltadeskError):
    """campaign.toml or a setting is not usable."""


class MissingPackageError(DeltadeskError):
    """A potential or reference needs something that is not installed."""


class CampaignError(DeltadeskError):
    """The campaign's folder or database is not usable."""


class CampaignBusyError(CampaignError):
    """Another process is this campaign's one writer."""


class StorageError(CampaignError):
    """The disk is full, read-only or of the wrong kind, or the database on it is damaged."""


class NotAllowedError(DeltadeskError):
    """A person's role is not enough for what was wished for."""


class StructureError(DeltadeskError):
    """A structure that cannot be used, with the reason."""


class CalculationError(DeltadeskError):
    """A reference calculation that gave no label, with the reason."""
