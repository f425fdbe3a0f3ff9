"""Makes a pack of places out of files of a census or of a portal."""
