"""Benchmarks that print ratios. They are run by hand, never as tests."""
