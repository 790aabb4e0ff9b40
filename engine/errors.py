"""The errors a person can meet.

::

    DeltadeskError                 one clear line: what is wrong, what was got, what to do
    ├── ConfigError                campaign.toml or a setting is not usable
    ├── MissingPackageError        a potential or reference needs something that is not installed
    ├── CampaignError              the folder or its database is not usable
    │   └── CampaignBusyError      another process is the one writer
    ├── StructureError             a structure that cannot be used
    └── CalculationError           a reference calculation that gave no label
"""


class DeltadeskError(Exception):
    """Base of all errors that are shown as one line, never as a traceback."""


class ConfigError(DeltadeskError):
    """campaign.toml or a setting is not usable."""


class MissingPackageError(DeltadeskError):
    """A potential or reference needs something that is not installed."""


class CampaignError(DeltadeskError):
    """The campaign's folder or database is not usable."""


class CampaignBusyError(CampaignError):
    """Another process is this campaign's one writer."""


class StructureError(DeltadeskError):
    """A structure that cannot be used, with the reason."""


class CalculationError(DeltadeskError):
    """A reference calculation that gave no label, with the reason."""
