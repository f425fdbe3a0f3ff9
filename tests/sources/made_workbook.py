"""Workbooks written cell by cell, as spreadsheet programs write them."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Cell = str | int | float | bool | datetime.date | datetime.datetime | datetime.time | None
_NAMESPACE = "http://schemas.openxmlformats.org"
_MAIN = f'xmlns="{_NAMESPACE}/spreadsheetml/2006/main"'
_RELATED = f"{_NAMESPACE}/officeDocument/2006/relationships"
_STYLES = (
    f'<styleSheet {_MAIN}><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="22" applyNumberFormat="1"/><xf numFmtId="20" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
_DAY_ZERO = datetime.datetime(1899, 12, 30)
_DAY = datetime.timedelta(days=1)


def write_workbook(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[Cell]]],
    merged: Sequence[str] = (),
    hidden: Sequence[str] = (),
) -> Path:
    """A workbook with these sheets; `merged` ranges such as "A1:C1" are of each."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"{" state=" + chr(34) + "hidden" + chr(34) if name in hidden else ""}/>'  # noqa: E501
        for i, name in enumerate(names, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELATED}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i, _ in enumerate(names, start=1)
    )
    styles = f'<Relationship Id="rId99" Type="{_RELATED}/styles" Target="styles.xml"/>'
    package = f"{_NAMESPACE}/package/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_NAMESPACE}/package/2006/content-types"><Default Extension="xml" ContentType="text/xml"/>'
            "</Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{_RELATED}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{links}{styles}</Relationships>'
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook {_MAIN} xmlns:r="{_RELATED}"><sheets>{listed}</sheets></workbook>'
        )
        archive.writestr("xl/styles.xml", _STYLES)
        for i, name in enumerate(names, start=1):
            rows = "".join(_row(number, cells) for number, cells in enumerate(sheets[name], start=1))
            ranges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
            ranges = f"<mergeCells>{ranges}</mergeCells>" if merged else ""
            sheet = f"<worksheet {_MAIN}><sheetData>{rows}</sheetData>{ranges}</worksheet>"
            archive.writestr(f"xl/worksheets/sheet{i}.xml", sheet)
    return path


def _row(number: int, cells: Sequence[Cell]) -> str:
    return f'<row r="{number}">{"".join(_cell(f"{chr(65 + c)}{number}", v) for c, v in enumerate(cells))}</row>'


def _cell(at: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    if isinstance(value, datetime.datetime):
        return f'<c r="{at}" s="2"><v>{(value - _DAY_ZERO) / _DAY!r}</v></c>'
    if isinstance(value, datetime.date):
        return f'<c r="{at}" s="1"><v>{(value - _DAY_ZERO.date()).days}</v></c>'
    if isinstance(value, datetime.time):
        of_day = datetime.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
        return f'<c r="{at}" s="3"><v>{of_day / _DAY!r}</v></c>'
    kind = ' t="b"' if isinstance(value, bool) else ""
    return f'<c r="{at}"{kind}><v>{int(value) if kind else value!r}</v></c>'
