"""Towns and counties: boundaries, residents, other names; point in town, and name to town."""
