"""Figures as a reader meets them: choice, sentence, chart, table, key."""
