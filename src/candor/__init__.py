"""Candor: from dispatch exports to an open-data portal with honest rates and protected people."""

__version__ = "0.1.0"
