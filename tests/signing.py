"""Portals whose data sets were added by a proposal, signed as by a person who read their crosswalks."""

from __future__ import annotations

import datetime
from pathlib import Path

from candor.portal.sign import sign_crosswalk
from candor.profiles.check import open_portal
from candor.propose.add import add_dataset
from candor.propose.proposal import Proposal


def sign(root: Path) -> None:
    """Sign every crosswalk that a data set names."""
    portal = open_portal(root)
    for name, dataset in portal.datasets.items():
        if dataset.crosswalk:
            sign_crosswalk(portal, name, "A. Clerk, records office", datetime.date(2024, 1, 2))


def add_signed(root: Path, name: str, source: Path, *, schema: str = "", agency: str = "") -> Proposal:
    """Add a data set and sign its crosswalk."""
    proposal = add_dataset(root, name, source, schema=schema, agency=agency)
    sign(root)
    return proposal
