"""`[points]` of a data set: rows say the area that their point lies in, never the point."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from candor.portal.declared import Declared

LEAST = 8
"""The fewest addresses or residents that an area may hold, whatever a portal declares."""


class PointsConfig(Declared):
    """`[points]`: each row with a usable point says in which area of its town it lies, of `minimum` addresses or more.

    Areas are either the catchments of `anchors`, a CSV below the portal with the columns
    `anchor,geoid,latitude,longitude` and, where only one agency's rows are meant, `agency`; or H3 `cells` of a
    resolution. Those with too few addresses are joined to a neighbour. The address file stays inside.
    """

    addresses: str = Field(
        min_length=1,
        description="CSV below the portal with `latitude,longitude` of each address, and `residents` where they count",
    )
    anchors: str = Field(default="", description="CSV below the portal: `anchor,geoid,latitude,longitude[,agency]`")
    cells: int | None = Field(
        default=None, ge=6, le=10, description="resolution of H3 cells: 8 is some 0.7 square km, 9 some 0.1"
    )
    minimum: int = Field(default=LEAST, ge=LEAST, le=100_000, description="addresses or residents of every area")
    counted: Literal["addresses", "residents"] = Field(
        default="addresses", description="addresses at the same point count once; residents are those of the file"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> PointsConfig:
        if bool(self.anchors) == (self.cells is not None):
            raise ValueError("either `anchors`, a file, or `cells`, a resolution; one of the two")
        return self
