"""The forms of coordinates that a data set declares."""

from __future__ import annotations

from candor.portal.load import Reading
from candor.portal.model import ColumnMapping, DatasetConfig
from candor.portal.point_forms import POINT_FORMS
from candor.portal.words import did_you_mean


def check_point_form(reading: Reading, dataset: DatasetConfig, name: str, mapping: ColumnMapping) -> None:
    """Report the mapping of the coordinate `name` where its form is none, or where the other has another."""
    file = f"datasets/{dataset.name}.toml"
    form = POINT_FORMS.get(mapping.form)
    if form is None:
        reading.report(
            file, ("columns", name, "format"), f"the form {mapping.form!r}",
            "nothing for a number with a decimal point, or " + ", ".join(repr(f) for f in POINT_FORMS if f),
            did_you_mean(mapping.form, POINT_FORMS) or "See docs/coordinates.md.",
        )  # fmt: skip
    elif form.both:
        others = [m for m in dataset.columns.values() if m.form == mapping.form and m.source == mapping.source]
        if len(others) != 2:
            reading.report(
                file, ("columns", name, "format"), f"the form {mapping.form!r} for one coordinate alone",
                "the same column and the same form for latitude and longitude",
                "Write both, each with the same `from` and the same `format`.",
            )  # fmt: skip
