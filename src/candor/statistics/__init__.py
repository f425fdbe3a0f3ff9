"""Intervals, comparisons, smoothing: pure functions of arrays."""
