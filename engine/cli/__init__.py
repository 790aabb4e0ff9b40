"""The command line, one file a group of commands."""

from engine.cli.app import app, main

__all__ = ["app", "main"]
