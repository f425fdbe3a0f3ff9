"""Counts, rates and their intervals: pure functions from tables to tables and on arrays."""
