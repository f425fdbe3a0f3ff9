"""Rows: columns, generalisation, hashed keys, k-anonymity."""
