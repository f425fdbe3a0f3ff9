"""The guards, in the order in which they look: one that explains what others would find comes before them."""

from __future__ import annotations

from candor.publish.guards.base import Guard
from candor.publish.guards.kinds import CATEGORIES
from candor.publish.guards.marks import MARKS
from candor.publish.guards.placing import PLACES
from candor.publish.guards.reading import DATES, QUARANTINE
from candor.publish.guards.rows import EMPTY, FEWER

GUARDS: tuple[Guard, ...] = (DATES, EMPTY, QUARANTINE, FEWER, CATEGORIES, PLACES, MARKS)
