"""Files as systems export them: the same three rows, in every dress that they come in."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from candor.sources.csv import detect
from candor.sources.registry import land

HEADER = ("Ref", "When", "Nature", "Street")
ROWS = (
    ("24-01", "2024-01-05 10:00", "Noise", "1 Elm"),
    ("24-02", "2024-01-06 11:30", "Theft", "2 Oak"),
    ("24-03", "2024-01-07 09:15", "Café", "3 Ash"),
)


def text(*, mark: str = ",", end: str = "\n", header: tuple[str, ...] = HEADER) -> str:
    return "".join(mark.join(row) + end for row in (header, *ROWS))


@dataclass(frozen=True)
class Dress:
    name: str
    content: str | bytes
    said: str = ""
    unsaid: bool = False


DRESSES = (
    Dress("plain", text(), unsaid=True),
    Dress("semicolons", text(mark=";"), unsaid=True),
    Dress("tabs", text(mark="\t"), unsaid=True),
    Dress("pipes", text(mark="|"), unsaid=True),
    Dress("carets", text(mark="^"), unsaid=True),
    Dress("CRLF", text(end="\r\n"), unsaid=True),
    Dress("CR only", text(end="\r"), unsaid=True),
    Dress("CR twice before LF", text(end="\r\r\n"), unsaid=True),
    Dress("mixed ends", text().replace("\n", "\r\n", 2), unsaid=True),
    Dress("CR, then LF", text().replace("\n", "\r", 2), unsaid=True),
    Dress("CR only with a mark", codecs.BOM_UTF8 + text(end="\r").encode(), unsaid=True),
    Dress("a mark", codecs.BOM_UTF8 + text().encode(), unsaid=True),
    Dress("a doubled mark", codecs.BOM_UTF8 * 2 + text().encode(), unsaid=True),
    Dress("UTF-16", text().encode("utf-16"), unsaid=True),
    Dress("UTF-16 without a mark", text(end="\r\n").encode("utf-16-le"), unsaid=True),
    Dress("UTF-16, big end first, without a mark", text().encode("utf-16-be"), unsaid=True),
    Dress("UTF-32", text().encode("utf-32"), unsaid=True),
    Dress("Windows text", text().encode("cp1252"), "Windows text"),
    Dress("Macintosh text", text(end="\r").encode("mac_roman")),
    Dress("zero bytes", text().replace("Noise", "No\0ise"), "Zero bytes"),
    Dress("an end of file", text() + "\x1a", "Ctrl-Z"),
    Dress("an end of file on its own line", text() + "\r\n\x1a", "Ctrl-Z"),
    Dress("sep=", "sep=;\r\n" + text(mark=";", end="\r\n"), "One line stands above"),
    Dress("sep= with a mark and quotes", '\ufeff"sep=|"\n' + text(mark="|"), "One line stands above"),
    Dress("a title", "Calls for service\n" + text(), "One line stands above"),
    Dress("titles", "Calls\nJan 1, 2024 - Jan 31, 2024, all beats\n\n" + text(), "3 lines stand above"),
    Dress("padded titles", "Calls for service,,,\nPrinted,01/05/2024,,\n,,,\n" + text(), "3 lines stand above"),
    Dress("a title with a quote", 'Calls "A\n' + text(), "One line stands above"),
    Dress("empty lines", "\n\n" + text().replace("\n", "\n\n")),
    Dress("empty rows", text() + ",,,\n,,,\n"),
    Dress("empty rows within", text().replace("24-02", ",,,\n24-02")),
    Dress("a rule below the header", text().replace("\n", "\n----,----,----,----\n", 1)),
    Dress("a count below", text() + "\n(3 rows affected)\n", "below the rows"),
    Dress("a total below", text() + "Total,3,,\n", "below the rows"),
    Dress("a total below without end", text() + "Grand total: 3", "below the rows"),
    Dress("remarks below", text() + "\nThis report is for internal use only.\nPage 1 of 1\n", "2 lines below the rows"),
    Dress("a repeated header", text().replace("24-02", ",".join(HEADER) + "\n24-02"), "repeats what stands above"),
    Dress(
        "pages",
        "Calls for service\n" + text().replace("24-02", "Calls for service\n" + ",".join(HEADER) + "\n24-02"),
        "2 lines repeat what stands above",
    ),
    Dress(
        "numbered pages", "Page 1 of 2\n" + text().replace("24-02", "\fPage 2 of 2\n24-02"), "repeats what stands above"
    ),
    Dress("a quoted remark below", text() + '"Note: these, as of today, may change"\n', "below the rows"),
    Dress(
        "names and values above", "Report:,Calls,,\nFrom:,01/01/2024,To:,01/31/2024\n" + text(), "2 lines stand above"
    ),
    Dress("names of groups above", "Incident,,Detail,\n" + text(), "One line stands above"),
    Dress("LF CR", text(end="\n\r"), unsaid=True),
    Dress("single quotes", "'" + text().replace(",", "','").replace("\n", "'\n'").removesuffix("'"), unsaid=True),
    Dress("trailing delimiters in rows", text().replace("\n", ",\n").replace("Street,", "Street")),
    Dress("quoted cells", '"' + text().replace(",", '","').replace("\n", '"\n"').removesuffix('"'), unsaid=True),
    Dress("a header of two lines", text().replace("When", '"W\nhen"').replace("W\nhen", "When"), unsaid=True),
    Dress(
        "a line broken outside quotes", text().replace("Noise", "Noi\nse").replace("Noi\nse", "\nNoise"), "line break"
    ),
)


@pytest.mark.parametrize("dress", DRESSES, ids=lambda d: d.name)
def test_the_rows_are_found_in_every_dress(tmp_path: Path, dress: Dress) -> None:
    path, into = tmp_path / "export.csv", tmp_path / "landed.parquet"
    path.write_bytes(dress.content if isinstance(dress.content, bytes) else dress.content.encode())
    source = detect(path)
    assert source.columns[:4] == HEADER
    landed = land(source, path, into)
    found = pq.read_table(into, columns=list(HEADER)).to_pylist()
    assert [tuple(" ".join(v.split()) for v in row.values()) for row in found] == list(ROWS)
    assert (landed.rows, landed.unreadable) == (3, ())
    said = " ".join(landed.notes)
    assert dress.said in said
    assert not (dress.unsaid and said)
    # What is written down of it reads it again, and so do the mapped columns alone.
    again = land(source, path, into, only=["Nature", "When"])
    assert (again.rows, again.unreadable) == (3, ())
    assert set(pq.read_table(into).column_names) == {"Nature", "When"}
