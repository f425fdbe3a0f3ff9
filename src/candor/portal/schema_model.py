"""What a row is: the columns of a schema, what each is for, and how it is published."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from candor.portal.declared import COLUMN_NAME, Declared

ColumnType = Literal["text", "category", "integer", "number", "boolean", "date", "timestamp", "latitude", "longitude"]
Role = Literal[
    "key", "case", "time", "latitude", "longitude", "place", "category", "initiated_by", "sensitive_flag", "none"
]  # fmt: skip
Disclosure = Literal["identifier", "quasi", "sensitive", "open"]
Generalisation = Literal[
    "none", "hour", "date", "month", "year", "band", "band10", "band20", "top", "parent", "town", "county", "hash"
]
InitiatedBy = Literal["citizen", "officer"]
Sensitivity = Literal["open", "sensitive"]
ReleaseMode = Literal["records", "aggregates", "withheld"]


class SchemaColumn(Declared):
    """A column of a standard schema or of one that a portal declares itself.

    `publish` is the allow list: a column without `publish = true` never reaches the public store.
    `derived` columns are made on the way (place, category); the others are read from the source.
    `generalise` says how exactly (docs/rows.md); which types it is for, is checked with the portal.
    """

    name: str = Field(pattern=COLUMN_NAME)
    label: str
    type: ColumnType
    description: str = ""
    role: Role = "none"
    disclosure: Disclosure = "identifier"
    publish: bool = False
    generalise: Generalisation = "none"
    band: int | None = Field(default=None, ge=1, description='with `generalise = "band"`: how wide a band is')
    top: int | None = Field(
        default=None, ge=1, description='where the last band begins, or, with `generalise = "top"`, "this or more"'
    )
    parents: dict[str, str] = Field(
        default={}, description='with `generalise = "parent"`: value -> parent category; `other` for what is not named'
    )
    context: str = Field(
        default="", description="what a keyed hash is made for; columns of one context can be joined (docs/keys.md)"
    )
    reason: str = Field(default="", description="why the column is withheld, in words for the public")
    required: bool = False
    derived: bool = False
    synonyms: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _identifiers_stay(self) -> SchemaColumn:
        if self.publish and self.role in ("latitude", "longitude"):
            raise ValueError("publish = false for coordinates: locations are never published exactly")
        if self.publish and self.disclosure == "identifier" and self.generalise != "hash":
            raise ValueError(
                "publish = true only with `disclosure` open, quasi or sensitive; a column is an identifier, which "
                'never leaves but as a keyed hash (generalise = "hash"), until its owner says otherwise'
            )
        return self


class Schema(Declared):
    """What a row is and which columns it has. `counted` makes the cube place x month x category x initiated-by."""

    name: str
    title: str
    description: str = ""
    unit: str = Field(default="row", description="what one row is, in the singular: call, case, stop")
    unit_plural: str = ""
    counted: bool = False
    columns: tuple[SchemaColumn, ...]

    @model_validator(mode="after")
    def _roles_once(self) -> Schema:
        names = [c.name for c in self.columns]
        double = sorted({n for n in names if names.count(n) > 1})
        if double:
            raise ValueError(f"each column name once; found twice: {', '.join(double)}")
        return self

    def column(self, name: str) -> SchemaColumn | None:
        """The column of that name."""
        return next((c for c in self.columns if c.name == name), None)

    def with_role(self, role: Role) -> SchemaColumn | None:
        """The first column with that role."""
        return next((c for c in self.columns if c.role == role), None)

    @property
    def plural(self) -> str:
        """What several rows are."""
        return self.unit_plural or self.unit + "s"

    @property
    def public_columns(self) -> tuple[SchemaColumn, ...]:
        """The allow list, in order."""
        return tuple(c for c in self.columns if c.publish)


class OwnSchema(Declared):
    """`[schema]` of a data set that declares its own columns."""

    title: str = ""
    unit: str = "row"
    unit_plural: str = ""
    columns: tuple[SchemaColumn, ...]
