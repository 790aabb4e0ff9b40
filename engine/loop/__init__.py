"""The imperative shell: one thread that writes, workers that search, jobs that are paid for."""

from engine.loop.explorers import Explorers
from engine.loop.follower import Follower
from engine.loop.replay import Replay
from engine.loop.runner import Runner

__all__ = ["Explorers", "Follower", "Replay", "Runner"]
