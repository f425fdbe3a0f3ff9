"""The formats in which rows are answered."""
