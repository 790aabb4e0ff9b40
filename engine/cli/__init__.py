"""The command line, one file a group of commands.

A command imports what it needs when it is called: ``--help`` loads neither ASE nor numpy.
"""

from engine.cli.app import app, main

__all__ = ["app", "main"]
