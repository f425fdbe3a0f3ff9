"""A run: what is published when, what was published before, and what is kept inside so that it stays so."""
