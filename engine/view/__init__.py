"""A campaign in a notebook: tables, structures, potentials, and a look at a candidate in 3D."""

from engine.view.campaign import CampaignView

__all__ = ["CampaignView"]
