"""What was published, once and for good, and what is due now: kept inside so that it stays as it was."""
