"""campaign.toml: what a campaign is asked to do, validated and frozen."""

from engine.config.base import Settings
from engine.config.change import reference_change
from engine.config.code import code, refuse_code
from engine.config.committee import FROM_FILES, LEARNS, CommitteeSettings
from engine.config.complaints import complaint
from engine.config.landscape import LandscapeSettings
from engine.config.properties import PropertiesSettings
from engine.config.reading import FILENAME, completed, load, parse, read_text, split_command
from engine.config.schema import (
    WATCH,
    CampaignSettings,
    ChecksSettings,
    CurationSettings,
    DeltaSettings,
    PotentialSettings,
    PretrainingSettings,
    ReferenceSettings,
    SelectionSettings,
    StopSettings,
)
from engine.config.searches import (
    AscentSettings,
    BasinHoppingSettings,
    GOFEESettings,
    HoppingSettings,
    MDSettings,
    OtherSearchSettings,
    PoolSettings,
    RandomSearchSettings,
    ReplicaExchangeSettings,
    SearchBase,
    SearchSettings,
    StrainSettings,
)
from engine.config.symmetry_functions import AngularGrid, SymmetryFunctions, symmetry_functions
from engine.config.system import MOST_ATOMS, CrystalSettings, SlabSettings, SystemSettings
from engine.config.watch import WatchSettings

__all__ = [
    "FILENAME",
    "FROM_FILES",
    "LEARNS",
    "MOST_ATOMS",
    "WATCH",
    "AngularGrid",
    "AscentSettings",
    "BasinHoppingSettings",
    "CampaignSettings",
    "ChecksSettings",
    "CommitteeSettings",
    "CrystalSettings",
    "CurationSettings",
    "DeltaSettings",
    "GOFEESettings",
    "HoppingSettings",
    "LandscapeSettings",
    "MDSettings",
    "OtherSearchSettings",
    "PoolSettings",
    "PotentialSettings",
    "PretrainingSettings",
    "PropertiesSettings",
    "RandomSearchSettings",
    "ReferenceSettings",
    "ReplicaExchangeSettings",
    "SearchBase",
    "SearchSettings",
    "SelectionSettings",
    "Settings",
    "SlabSettings",
    "StopSettings",
    "StrainSettings",
    "SymmetryFunctions",
    "SystemSettings",
    "WatchSettings",
    "code",
    "complaint",
    "completed",
    "load",
    "parse",
    "read_text",
    "reference_change",
    "refuse_code",
    "split_command",
    "symmetry_functions",
]
