"""Candor publishes public-safety data that people can trust."""

__version__ = "0.1.0"
