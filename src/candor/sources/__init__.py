"""Readers: any file becomes one relational shape."""
