"""Areas instead of points."""
