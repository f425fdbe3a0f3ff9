"""Reading `reviews/*.csv`: which texts a person has read and passed, each by its digest and never by itself."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, ValidationError

from candor.errors import Problem
from candor.portal.declared import Declared

FOLDER = "reviews"
"""Of a portal: what a person passed, a file for each data set."""
PORTAL = "_portal"
"""In the place of a data set's name: the portal's own texts."""
HEADER = ("column", "kind", "value", "name", "date", "reason")
_DIGEST = r"^k[0-9a-f]{8}-[0-9a-f]{32}$"


class ReviewedValue(Declared):
    """A line of `reviews/<name>.csv`: a person read a text that looked like a person's, and passed it. It is public.

    `value` is a keyed digest of the text, its column and the kind of what was found in it: of another text, in another
    column or of another kind it is no yes.
    """

    column: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    value: str = Field(pattern=_DIGEST)
    name: str = Field(min_length=1)
    date: datetime.date
    reason: str = Field(min_length=1)


def read_reviews(path: Path, where: str, problems: list[Problem]) -> tuple[ReviewedValue, ...]:
    """The lines of a file of reviews. What is wrong goes to `problems`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        problems.append(Problem(where, "a file that cannot be read", "a readable CSV file in UTF-8", _AGAIN))
        return ()
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(reader.fieldnames or ()) != HEADER:
        problems.append(Problem(f"{where}:1", "another header", ",".join(HEADER), _AGAIN))
        return ()
    found = []
    for line in reader:
        try:
            found.append(ReviewedValue.model_validate(line))
        except ValidationError as error:
            cells = ", ".join(dict.fromkeys(str(e["loc"][0]) for e in error.errors()))
            problems.append(
                Problem(f"{where}:{reader.line_num}: {cells}", "a line that no review has",
                        "a column, a kind, a digest, a name, a day such as 2025-01-31, a reason", _AGAIN)
            )  # fmt: skip
    return tuple(found)


def as_csv(lines: Iterable[ReviewedValue]) -> str:
    """The text of a file of reviews."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(line.model_dump(mode="json") for line in lines)
    return out.getvalue()


_AGAIN = "Such files are written by `candor review`: remove the line, or the file, and review again."
