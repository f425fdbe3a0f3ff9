"""`[piles]` of a data set: points that hold many rows and are true addresses."""

from __future__ import annotations

from pydantic import Field, field_validator

from candor.portal.declared import Declared


class PilesConfig(Declared):
    """`[piles]`: of a point that holds more than 1 % of a month's rows, the rows are placed by a name or their agency.

    Not where a person knows that much happens there: a hospital, a shopping centre. The points stay inside.
    """

    true: tuple[str, ...] = Field(
        default=(), description='"latitude, longitude" of points that are true addresses, as `candor check` shows them'
    )

    @field_validator("true")
    @classmethod
    def _points(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for point in value:
            as_numbers(point)
        return value

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """Latitude and longitude of each."""
        return tuple(as_numbers(point) for point in self.true)


def as_numbers(point: str) -> tuple[float, float]:
    """Latitude and longitude of a point as text. Raises `ValueError` where it is none."""
    parts = point.replace("(", "").replace(")", "").split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError as error:
        raise ValueError('points as "38.0477, -78.4889", the latitude first, as `candor check` shows them') from error
    return latitude, longitude
