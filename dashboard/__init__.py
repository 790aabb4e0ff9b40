"""deltadesk's dashboard: follows campaigns, posts wishes, computes no physics."""
