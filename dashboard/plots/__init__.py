"""Pictures of a campaign: pure data functions first, drawing second."""
