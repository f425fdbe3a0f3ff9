"""The scan of everything that is published as text."""
