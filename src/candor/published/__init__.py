"""The release in force, opened for reading."""
