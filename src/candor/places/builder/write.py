"""Writing a places pack so that there is at every moment the old one or the new one, whole."""

from __future__ import annotations

import csv
import ctypes
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import pyarrow as pa
import shapely
import tomlkit

from candor.places.changes import CHANGES_FILE
from candor.places.pack import ALIASES_SCHEMA, FILES, PLACES_SCHEMA, PlacesPack
from candor.places.populations import POPULATIONS_FILE

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


def write_pack(folder: Path, pack: PlacesPack) -> None:
    """Write `pack` as `folder`, in place of the pack there; files there that are not the pack's own are kept.

    Raises OSError where the disk says no; then the old pack stands untouched.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write_files(fresh, pack)
        if folder.is_dir():
            for other in folder.iterdir():
                if other.name not in FILES:
                    _copy(other, fresh / other.name)
            fresh.chmod(folder.stat().st_mode)
            _exchange(fresh, folder)
        else:
            fresh.chmod(0o755)
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write_files(folder: Path, pack: PlacesPack) -> None:
    about = tomlkit.document()
    about.update(
        {
            "title": pack.title,
            "source": pack.source,
            "year": pack.year,
            "schematic": pack.schematic,
            "note": pack.note,
        }
    )
    if pack.populations_source:
        about["populations_source"] = pack.populations_source
    if pack.noun:
        about.update({"place": pack.noun, "places": pack.nouns})
    (folder / "pack.toml").write_text(tomlkit.dumps(about), encoding="utf-8")
    _write_csv(folder / "places.csv", pack.places.cast(PLACES_SCHEMA))
    _write_csv(
        folder / "aliases.csv",
        pack.aliases.cast(ALIASES_SCHEMA).sort_by([("alias", "ascending"), ("geoid", "ascending")]),
    )
    for name, table in ((POPULATIONS_FILE, pack.populations), (CHANGES_FILE, pack.changes)):
        if table.num_rows:
            _write_csv(folder / name, table)
    geometries = shapely.to_geojson(pack.boundaries).tolist()
    # A line a feature: a change of one boundary is a change of one line in the portal's history.
    features = ",\n".join(
        f'{{"type":"Feature","properties":{json.dumps({"geoid": geoid})},"geometry":{geometry}}}'
        for geoid, geometry in zip(pack.places.column("geoid").to_pylist(), geometries, strict=True)
    )
    text = f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'
    (folder / "boundaries.geojson").write_text(text, encoding="utf-8")


def _write_csv(path: Path, table: pa.Table) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def _exchange(fresh: Path, folder: Path) -> None:
    """Let the two folders change names, in one step where the system can (Linux `renameat2`), else in two."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        code = -1
    else:
        code = rename(_AT_FDCWD, os.fsencode(fresh), _AT_FDCWD, os.fsencode(folder), _RENAME_EXCHANGE)
    if code != 0:
        # The moment between the two is short, and an interruption in it leaves both packs on the disk.
        aside = folder.with_name(fresh.name + ".old")
        folder.rename(aside)
        try:
            fresh.rename(folder)
        except OSError:
            aside.rename(folder)
            raise
        aside.rename(fresh)
