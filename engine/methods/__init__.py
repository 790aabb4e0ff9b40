"""What a campaign did, in the sentences and with the citations that a paper needs."""

from engine.methods.paragraph import methods

__all__ = ["methods"]
