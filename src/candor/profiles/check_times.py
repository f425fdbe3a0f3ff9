"""How the times of a data set are declared: is it a form that is read, and does it say what a time needs?"""

from __future__ import annotations

from candor.portal.load import Reading
from candor.portal.model import ColumnMapping, DatasetConfig
from candor.portal.schema_model import SchemaColumn
from candor.portal.time_forms import DIRECTIVES, FORMS, is_form, tells_clock, tells_date


def check_times(reading: Reading, dataset: DatasetConfig, column: SchemaColumn, mapping: ColumnMapping) -> None:
    """Report a format that is not read, formats that do not go with their columns, a precision of what is no time."""
    file, at = f"datasets/{dataset.name}.toml", ("columns", column.name, "format")
    if column.type not in ("date", "timestamp"):
        if mapping.precision:
            reading.report(
                file, (*at[:-1], "precision"), f"a precision for a column of type {column.type}",
                "a precision for dates and times only", "Remove the key.",
            )  # fmt: skip
        return
    for format_ in filter(None, mapping.formats):
        if not is_form(format_):
            reading.report(
                file, at, f"the format {format_!r}",
                f"{', '.join(FORMS)}, or a strptime format of " + ", ".join(f"%{d}" for d in sorted(DIRECTIVES)),
                "Write it as the source writes its dates, such as %m/%d/%Y %I:%M %p.",
            )  # fmt: skip
            return
    first, *others = mapping.formats
    if others and (len(others) > 1 or len(mapping.sources) != len(mapping.formats)):
        reading.report(
            file, at, f"{len(mapping.formats)} formats for {len(mapping.sources)} column(s) of the source",
            "one format, or one for the column of the day and one for that of the time of day",
            "Name both columns in `from`, or write one format for all of it.",
        )  # fmt: skip
    elif not tells_date(first):
        reading.report(
            file, at, f"the format {first!r}, which says no year and month", "a format of a date",
            'Name the column of the day first: from = ["Date", "Time"], with a format for each.',
        )  # fmt: skip
    elif others and not tells_clock(others[0]):
        reading.report(
            file, at, f"the format {others[0]!r} for the second column", "a format of a time of day, such as %H:%M",
            "Name the column of the day first, and then that of the time of day.",
        )  # fmt: skip
