"""People in columns: what a column tells of a person, by its name and by its values."""
