"""The words that published tables say, and what each means: codes, not prose."""
