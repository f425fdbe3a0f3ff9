"""XML tables, workbooks in XML, and web pages that are tables under the name of a workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from tests.sources.made_up import HEADER, read, rows, rows_of

from candor.errors import DataError, UsageError
from candor.portal.declared import SourceConfig
from candor.sources.registry import examine, land

CALLS = rows(25, 2024)
TAGS = tuple(name.replace(" ", "") for name in HEADER)
INSTANCE = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
SHEET = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'


def _elements(row: Sequence[str], tag: str = "call") -> str:
    return f"<{tag}>{''.join(f'<{t}>{escape(v)}</{t}>' for t, v in zip(TAGS, row, strict=True))}</{tag}>"


def _attributes(row: Sequence[str]) -> str:
    return f"<Detail {' '.join(f'{t}={quoteattr(v)}' for t, v in zip(TAGS, row, strict=True))}/>"


def _fields(row: Sequence[str]) -> str:
    fields = (f"<field name={quoteattr(t)}>{escape(v)}</field>" for t, v in zip(TAGS, row, strict=True))
    return f"<row>{''.join(fields)}</row>"


def _cells(row: Sequence[str], tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(v)}</{tag}>' for v in row)}</tr>"


def _cell(kind: str, text: str, at: int = 0) -> str:
    index = f' ss:Index="{at}"' if at else ""
    return f'<Cell{index}><Data ss:Type="{kind}">{escape(text)}</Data></Cell>'


def _sheet_row(row: Sequence[str]) -> str:
    return f"<Row>{''.join(_cell('String', v) for v in row)}</Row>"


def _sheets(**sheets: Sequence[str]) -> str:
    made = (f'<Worksheet ss:Name="{n}"><Table>{"".join(r)}</Table></Worksheet>' for n, r in sheets.items())
    head = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    return f"{head}<Workbook {SHEET}>{''.join(made)}</Workbook>"


FORMS: dict[str, Callable[[Sequence[Sequence[str]]], str]] = {
    "elements": lambda r: (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- calls -->\n<calls>{"".join(map(_elements, r))}</calls>'
    ),
    "attributes under layers": lambda r: (
        f'<Report xmlns="urn:made-up" Name="R"><Grid><Details>{"".join(map(_attributes, r))}</Details></Grid></Report>'
    ),
    "named fields": lambda r: f"<resultset {INSTANCE}>{''.join(map(_fields, r))}</resultset>",
    "rows in a row": lambda r: f"<response><row>{''.join(_elements(x, 'row') for x in r)}</row></response>",
    "described, then rows": lambda r: (
        f"<data><meta>{'<column><n>a</n><t>b</t><w>1</w><x>2</x><y>3</y><z>4</z></column>' * 40}</meta>"
        f"<rows>{''.join(map(_elements, r))}</rows></data>"
    ),
    "a workbook": lambda r: _sheets(Cover=[_sheet_row(["Calls"])], Log=list(map(_sheet_row, [TAGS, *r]))),
    "a page": lambda r: (
        "<html><head><style>td {x: y}</style><title>Long title</title></head><body><table border=1>"
        f"{_cells(TAGS, 'th')}{''.join(map(_cells, r))}</table></body></html>"
    ),
    "a table in a layout": lambda r: (
        "<!DOCTYPE html><body><table><tr><td>Menu<td><table><tbody>"
        f"{_cells(TAGS)}{''.join(map(_cells, r))}</table></table>"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(form: str, tmp_path: Path) -> None:
    path = tmp_path / "export.xls"
    path.write_text(FORMS[form](CALLS), encoding="utf-8")
    source, landed, found = read(path, tmp_path)
    assert source.columns == TAGS
    assert found == CALLS
    assert landed.read == len(CALLS)


@pytest.mark.parametrize("form", ["elements", "a page"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_it_may_be_written_in_other_encodings(form: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    accented = [("Café", *row[1:]) for row in CALLS]
    declared = "utf-16" if encoding == "utf-16" else "UTF-8"
    path.write_bytes(FORMS[form](accented).replace("UTF-8", declared).encode(encoding))
    _, landed, found = read(path, tmp_path)
    assert {row[0] for row in found} == {"Café"}
    assert ("25 bytes are not UTF-8" in "".join(landed.notes)) == (encoding == "cp1252" and form == "elements")


def test_what_an_element_holds_is_a_column_of_its_own(tmp_path: Path) -> None:
    text = (
        f'<r {INSTANCE}><c id="1"><at lat="44.5" lon="-73.5"/><note>a<b>c</b></note><unit>A1</unit><unit>A2</unit></c>'
        '<c id="2"><at xsi:nil="true"/><late> x </late></c></r>'
    )
    path = tmp_path / "export.xml"
    path.write_text(text)
    source, _, found = read(path, tmp_path)
    assert source.columns == ("at.lat", "at.lon", "note.b", "note.text", "unit", "id", "late")
    assert found == [("44.5", "-73.5", "c", "a", '["A1","A2"]', "1", None), (*[None] * 5, "2", "x")]


def test_cells_of_a_workbook_in_xml_are_what_they_mean(tmp_path: Path) -> None:
    day, at = _cell("DateTime", "2024-05-02T00:00:00.000"), _cell("DateTime", "1899-12-31T22:24:00.000")
    cells = [
        _sheet_row(["N", "Day", "At", "Z"]),
        f"<Row>{_cell('Number', '7')}{day}{at}{_cell('Boolean', '1')}</Row>",
        "<Row/>",
        f"<Row>{_cell('Number', '0.5')}{_cell('Boolean', '0', at=4)}</Row>",
    ]
    path = tmp_path / "export.xls"
    path.write_text(_sheets(A=cells))
    _, _, found = read(path, tmp_path)
    assert found == [("7", "2024-05-02", "22:24:00", "true"), ("0.5", None, None, "false")]


def test_cells_that_cover_others_in_a_page_keep_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "export.xls"
    body = (
        "<tr><th>Day<th>Type<th>Street</tr><tr><td rowspan=2>Monday<td>Alarm<td>Main&nbsp;St<tr><td>Fire<td>a<br>b</tr>"
    )
    path.write_text(f"<table>{body}<tr><td>Tuesday<td colspan=2>R&amp;D</table>")
    _, _, found = read(path, tmp_path)
    assert found == [("Monday", "Alarm", "Main St"), ("Monday", "Fire", "a b"), ("Tuesday", "R&D", None)]


def test_the_elements_that_are_read_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(f"<d><calls>{''.join(map(_elements, CALLS))}</calls><units><u n='1'/><u n='2'/></units></d>")
    _, landed, _ = read(path, tmp_path)
    assert "'d.calls.call'; also there: 'd.units.u'" in landed.notes[0]
    named = SourceConfig(path=str(path), records="d.units.u")
    assert rows_of(land(named, path, tmp_path / "out" / "b.parquet")) == [("1",), ("2",)]
    with pytest.raises(UsageError, match=r"no elements 'u'.*'d\.units\.u'"):
        land(SourceConfig(path=str(path), records="u"), path, tmp_path / "out" / "c.parquet")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FORMS["elements"](CALLS)[:-30], r"XML that is broken or was cut off \(line 3\)"),
        ("<calls><call><a>1</b></call></calls>", "XML that is broken"),
        (
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x><r><a>&e;</a></r><r><a>1</a></r></x>',
            "XML that is broken",
        ),
        ("<calls/>", "XML without any record"),
        (FORMS["a page"](CALLS).replace("<table", "<p>Much else is told here.</p>" * 200 + "<table"), "a web page"),
        (FORMS["a page"](CALLS[:1]), "a web page"),
        ("<html><h1>404 Not Found</h1></html>", "a web page"),
        ("<html><title>Log in</title><table><tr><td>Name</table></html>", "a page to log in"),
    ],
)
def test_what_holds_no_rows_says_what_it_is(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(text)
    with pytest.raises(DataError, match=words):
        examine(path, tmp_path / "out" / "a.parquet")
