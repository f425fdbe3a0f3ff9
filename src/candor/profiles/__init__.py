"""The standard data sets and categories, as data, and what holds a portal against them."""
