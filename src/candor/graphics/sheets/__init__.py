"""Figures that leave the site: pictures that stand alone, tables of what they show, and how they are cited."""
