"""What every engine must do, as tests that each engine's own module runs.

A test class derives from `EngineConformance` and gives the fixture `engines`: the engine of a time zone.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from candor.engine.base import Engine
from candor.places.names import normalise_name, normalised

CASES = Path(__file__).parent / "cases"
ZONE = "America/New_York"
Engines = Callable[[str], Engine]


def cases(name: str) -> list[dict[str, str]]:
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mutated(texts: Sequence[str], count: int, seed: int, letters: str) -> list[str]:
    """`count` texts that differ from the given ones by a few letters put in, taken out or exchanged."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    found = []
    for _ in range(count):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 3)):
            at = chance.randint(0, len(text))
            put = chance.choice(["", chance.choice(letters)])
            text = text[:at] + put + text[at + chance.randint(0, 1) :]
        # As intake hands texts over.
        found.append(" ".join(text.split(" ")).strip())
    return found


def times(engine: Engine, texts: Sequence[str | None], formats: Sequence[str]) -> dict[str, list[datetime | None]]:
    """What each format makes of each text, in the texts' order."""
    table = engine.table(pa.table({"n": pa.array(range(len(texts)), pa.int64()), "t": pa.array(texts, pa.string())}))
    read = table.select("n", **{f"v{i}": engine.local_time(table.t, f) for i, f in enumerate(formats)})
    found = engine.arrow(read.order_by("n"))
    assert [field.type for field in found.schema][1:] == [pa.timestamp("us")] * len(formats)
    return {f: found[f"v{i}"].to_pylist() for i, f in enumerate(formats)}


def numbers(engine: Engine, texts: Sequence[str | None]) -> list[float | None]:
    """What the engine takes each text for."""
    table = engine.table(pa.table({"n": pa.array(range(len(texts)), pa.int64()), "t": pa.array(texts, pa.string())}))
    found: list[float | None] = engine.arrow(table.select("n", v=engine.number(table.t)).order_by("n"))["v"].to_pylist()
    return found


def names() -> list[str]:
    """Names of villages, names as people misspell them, and texts that are none."""
    with files("candor.demo").joinpath("villages.csv").open(encoding="utf-8") as file:
        given = [line["village"] for line in csv.DictReader(file)]
    odd = [
        "St. Johnsbury", "ST JOHNSBURY", "st.  johnsbury", "Avery’s Gore", "AVERYS GORE", "Isle La Motte VT 05463",
        "No. Hero", "N Hero", "So Burlington", "E. Montpelier", "W Rutland", "White River Jct.", "Mt Holly",
        "Essex Ctr",
        "Barre (City)", "Barre-Town", "Québec", "  ", "", "\u00a0Stowe\u00a0", "Stowe\u2028", "Straße", "İstanbul", "ǆ",
        "Ω", "Ελλάς", "ﬁne", "05401", "Town of St. Mt.", "N", "O'Neill's", "a\\b", "$1", "Nº 4", "ſtowe", "\u0130",
        "Bur\tlington", "Bur\nlington", "NORTH  NO. TROY",
    ]  # fmt: skip
    return given + odd


class EngineConformance:
    @pytest.fixture
    def engine(self, engines: Engines) -> Engine:
        return engines(ZONE)

    @pytest.mark.parametrize("zone", sorted({c["zone"] for c in cases("times")}))
    def test_times_are_the_wall_time_of_the_portal(self, engines: Engines, zone: str) -> None:
        asked = [c for c in cases("times") if c["zone"] == zone]
        formats = list(dict.fromkeys(c["format"] for c in asked))
        found = times(engines(zone), [c["text"] for c in asked], formats)
        wrong = {
            (c["format"], c["text"], c["why"]): (found[c["format"]][n], c["expected"])
            for n, c in enumerate(asked)
            if found[c["format"]][n] != (datetime.fromisoformat(c["expected"]) if c["expected"] else None)
        }
        assert not wrong
        assert times(engines(zone), [None], formats) == {f: [None] for f in formats}

    def test_numbers_are_digits_a_point_and_an_exponent(self, engine: Engine) -> None:
        asked = cases("numbers")
        found = numbers(engine, [c["text"] for c in asked])
        wrong = {
            (c["text"], c["why"]): (v, c["expected"])
            for c, v in zip(asked, found, strict=True)
            if v != (float(c["expected"]) if c["expected"] else None)
        }
        assert not wrong
        assert numbers(engine, [None]) == [None]

    def test_names_are_normalised_as_in_python(self, engine: Engine) -> None:
        assert_normalised(engine, names())

    def test_all_names_of_vermont_are_normalised_as_in_python(self, engine: Engine, shared_data: Path) -> None:
        text = (shared_data / "vermont_places" / "town_aliases.json").read_text(encoding="utf-8")
        declared = json.loads(text)
        given = [*declared["towns"], *declared["aliases"]]
        assert len(given) > 1_000
        # As they stand, and as people type them.
        assert_normalised(engine, [*given, *(name.title() for name in given), *(f" {name}., VT" for name in given)])

    def test_written_rows_are_sorted_with_nothing_last_and_numbered(self, engine: Engine, tmp_path: Path) -> None:
        texts = ["b", "B", "a", "ä", "", None, "Z", "z", "\U0001f600", "\uffee", "a b", "a-b", "a", None, "10", "9"]
        columns = {
            "text": pa.array(texts, pa.string()),
            "day": pa.array([date(2024, 1, 1), None] * 8, pa.date32()),
            "time": pa.array([None, datetime(2022, 3, 13, 2, 30), *[datetime(1900, 1, 1)] * 14], pa.timestamp("us")),
            "yes": pa.array([True, False, None, True] * 4, pa.bool_()),
            "count": pa.array([3, -1, None, 2**40] * 4, pa.int64()),
            "share": pa.array([0.5, -0.5, None, 1e300] * 4, pa.float64()),
        }
        rows = pa.table(columns)
        path = tmp_path / "sorted.parquet"
        engine.write(engine.table(rows), path, order_by=list(columns), number="id")
        found = pq.read_table(path)
        assert found.schema.equals(pa.schema([("id", pa.int64()), *rows.schema]))
        assert found["id"].to_pylist() == list(range(1, len(texts) + 1))

        assert found.drop_columns(["id"]).to_pylist() == sorted(rows.to_pylist(), key=_nothing_last)

    def test_a_file_has_the_types_of_the_expression(self, engine: Engine, tmp_path: Path) -> None:
        table = engine.table(
            pa.table({"n": pa.array([1, 2], pa.int64()), "i": pa.array([1, 2], pa.int32()),
                      "t": pa.array([datetime(2022, 3, 13, 2, 30)] * 2, pa.timestamp("us"))})
        )  # fmt: skip
        made = table.group_by("t").agg(
            total=table.n.sum(), many=table.count(), mean=table.n.mean(), small=table.i.max(), whole=table.i.sum()
        )
        made = made.mutate(
            hour=made.t.truncate("h"), month=made.t.cast("timestamp").truncate("M").cast("date"), day=made.t.date(),
            yes=ibis.literal(True), word=ibis.literal("x"), half=made.many / 2, none=ibis.null("string"),
        )  # fmt: skip
        path = tmp_path / "types.parquet"
        engine.write(made, path)
        types = {
            "t": pa.timestamp("us"), "total": pa.int64(), "many": pa.int64(), "mean": pa.float64(), "small": pa.int32(),
            "whole": pa.int64(), "hour": pa.timestamp("us"), "month": pa.date32(), "day": pa.date32(),
            "yes": pa.bool_(), "word": pa.string(), "half": pa.float64(), "none": pa.string(),
        }  # fmt: skip
        found = pq.read_table(path)
        assert found.schema.equals(pa.schema(types)), found.schema
        assert engine.arrow(made).schema.equals(pa.schema(types))
        (row,) = found.to_pylist()
        # In the hour that spring leaves out: wall time is cut as it is written.
        assert (row["hour"], row["month"], row["day"]) == (
            datetime(2022, 3, 13, 2),
            date(2022, 3, 1),
            date(2022, 3, 13),
        )
        assert (row["total"], row["many"], row["mean"], row["whole"], row["half"]) == (3, 2, 1.5, 3, 1.0)

    def test_files_are_read_as_one_table_by_their_columns_names(self, engine: Engine, tmp_path: Path) -> None:
        paths = [tmp_path / f"{n}.parquet" for n in range(3)]
        for number, path in enumerate(paths):
            data = pa.table({"a": pa.array([number], pa.int64()), "b": pa.array([f"of {number}"], pa.string())})
            pq.write_table(data.select(["b", "a"] if number == 1 else ["a", "b"]), path)
        found = engine.arrow(engine.read(*paths).order_by("a"))
        assert found.to_pylist() == [{"a": n, "b": f"of {n}"} for n in range(3)]

    def test_an_empty_table_is_one_file_with_its_columns(self, engine: Engine, tmp_path: Path) -> None:
        table = engine.table(pa.table({"a": pa.array([1], pa.int64()), "b": pa.array(["x"], pa.string())}))
        path = tmp_path / "empty.parquet"
        engine.write(table.filter(table.a > 1), path, order_by=["b"], number="id")
        found = pq.read_table(path)
        assert (found.num_rows, found.column_names) == (0, ["id", "a", "b"])
        assert engine.arrow(engine.read(path)).num_rows == 0
        assert [p.name for p in tmp_path.iterdir()] == ["empty.parquet"]

    def test_names_and_words_need_no_care(self, engine: Engine, tmp_path: Path) -> None:
        odd = ["a b", "a.b", "a`b", "select", "ü", "it's", "X Coord", "a,b", "(c)", "$d"]
        word = 'it\'s a \\ "q" %s \\n $1 ; -- \n `x`'
        rows = pa.table({name: pa.array([word, None, name], pa.string()) for name in odd})
        path = tmp_path / "odd.parquet"
        table = engine.table(rows)
        changed = table.mutate(**{odd[0]: table[odd[0]].substitute({word: word + "!"})})
        engine.write(changed, path, order_by=odd, number="id")
        found = pq.read_table(path)
        assert found.column_names == ["id", *odd]
        assert found[odd[0]].to_pylist() == [*sorted([word + "!", odd[0]]), None]
        assert engine.arrow(engine.read(path).filter(ibis._[odd[1]] == word)).num_rows == 1

    def test_points_are_located_and_missing_ones_are_said_to_be(self, engine: Engine) -> None:
        rows = pa.table(
            {
                "n": pa.array(range(6), pa.int64()),
                "lon": pa.array([0.5, None, 1.5, None, -3.0, 2.5], pa.float64()),
                "lat": pa.array([0.0, 1.0, None, None, 0.0, 9.0], pa.float64()),
                "kept": pa.array(["a", None, "c", "d", "e", "f"], pa.string()),
            }
        )
        table = engine.located(engine.table(rows), "lon", "lat", "_town", floors)
        found = engine.arrow(table.order_by("n"))
        assert found.schema.field("_town").type == pa.int32()
        assert found["_town"].to_pylist() == [0, -2, -2, -2, -1, 2]
        assert found.drop_columns(["_town"]).equals(rows)
        none = engine.located(engine.table(rows.slice(0, 0)), "lon", "lat", "_town", floors)
        assert engine.arrow(none).num_rows == 0


def assert_normalised(engine: Engine, given: Sequence[str]) -> None:
    """The engine makes of each name, and of none, what Python makes of it."""
    asked = [*dict.fromkeys(given), None]
    table = engine.table(pa.table({"name": pa.array(asked, pa.string())}))
    made = engine.arrow(table.select("name", alias=normalised(table.name)))
    found = dict(zip(made["name"].to_pylist(), made["alias"].to_pylist(), strict=True))
    assert found == {name: None if name is None else normalise_name(name) for name in asked}


def _nothing_last(row: dict[str, Any]) -> list[tuple[bool, Any]]:
    """What a row sorts by: its columns in order, text by its UTF-8 bytes."""
    return [(v is None, 0 if v is None else v.encode() if isinstance(v, str) else v) for v in row.values()]


def floors(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Town n is the strip from n to n + 1 degrees east; none lies west of 0; no point where there is a NaN."""
    assert x.dtype == y.dtype == np.float64
    known = ~(np.isnan(x) | np.isnan(y))
    town = np.floor(np.where(known, x, 0)).astype(np.int32)
    return np.where(known, np.where(town < 0, -1, town), -2).astype(np.int32)
