"""Coordinates as sources write them, read by the engine: what each form stands for, and what is no coordinate."""

from __future__ import annotations

import pyarrow as pa
import pytest

from candor.engine.duck import DuckEngine
from candor.intake.points import FORMS, coordinate
from candor.portal.point_forms import POINT_FORMS

HERE = (38.0477, -78.4889)
