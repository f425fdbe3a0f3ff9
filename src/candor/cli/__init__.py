"""The command line: one function a command, a few lines each."""

from candor.cli.app import app, main

__all__ = ["app", "main"]
