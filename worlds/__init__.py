"""Worlds whose truth is known, put through the chain, and a report of what was found in them (`make worlds`)."""
