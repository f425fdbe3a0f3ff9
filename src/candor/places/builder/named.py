"""The code and the name of each feature of a boundary file, from the columns that were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.places import columns
from candor.places.builder.chosen import Chosen, kind_of
from candor.places.builder.codes import fit, from_names
from candor.places.builder.spatial import Features
from candor.vocabulary.nouns import kind_in

Texts: TypeAlias = pa.ChunkedArray


def with_code(features: Features, chosen: Chosen, notes: list[str]) -> Features:
    """The features that say which place they are: what no code marks is no place. Those left out are said."""
    says = pc.not_equal(columns.as_text(features.properties[chosen.code or chosen.name or chosen.full]), "")
    kept = np.asarray(says.to_pylist(), dtype=bool)
    if kept.all() or not kept.any():
        return features
    notes.append(f"features without a code or a name, which are left out: {int((~kept).sum())}")
    return Features(features.properties.filter(says), features.geometries[kept])


def place_codes(properties: pa.Table, chosen: Chosen, names: Sequence[str], notes: list[str]) -> Texts:
    """The codes as they will stand in addresses, made of the names where the file has none."""
    if chosen.code is None:
        notes.append("the file has no code of its places: their names became codes (--code takes a column)")
        return _texts(from_names(names))
    written = columns.as_code(properties[chosen.code])
    if chosen.within:
        notes.append(f"a code stands for several places, which {chosen.within} tells apart: both are the code")
        written = pc.binary_join_element_wise(columns.as_code(properties[chosen.within]), written, "-")
    coded = columns.as_geoid(written) if chosen.census else written
    distinct = pc.unique(coded).to_pylist()
    made = {code: fit(code) for code in distinct}
    if len(set(made.values())) < len(made):
        made = dict(zip(distinct, from_names(distinct), strict=True))
    changed = [f"{code!r} is {made[code]}" for code in distinct if made[code] != code]
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        notes.append(f"codes were made fit for addresses: {', '.join(changed[:3])}{more}")
    return _texts([made[code] for code in coded.to_pylist()])


def place_names(properties: pa.Table, chosen: Chosen, stem: str, kind: str) -> tuple[Texts, str]:
    """The names of the features, and what one of them is called: `kind`, or what the file tells (nothing: empty).

    Where there is no name, or one that is a number, it says what the place is: Beat 7C20, District 3.
    """
    column = chosen.name or chosen.full
    names = tidy(properties[column]) if column else _texts([""] * properties.num_rows)
    kind = kind or kind_of(stem, chosen, names.to_pylist())
    codes = columns.as_code(properties[chosen.code]) if chosen.code else names
    if chosen.within:
        said = _called(columns.as_code(properties[chosen.within]), kind_in(chosen.within))
        codes = pc.binary_join_element_wise(said, _called(codes, kind), ", ")
        return pc.if_else(pc.equal(names, ""), codes, names), kind
    names = pc.if_else(pc.equal(names, ""), codes, names)
    bare = pc.match_substring_regex(names, r"^[0-9]+[A-Za-z]?$")
    if chosen.code:
        bare = pc.or_(bare, pc.equal(names, codes))
    return pc.if_else(bare, _called(names, kind), names), kind


def tidy(column: pa.ChunkedArray) -> Texts:
    """Names with single blanks, and as people write them where a file shouts."""
    written = pc.replace_substring_regex(columns.as_text(column), r"\s+", " ")
    return _texts([columns.mixed_case(name) for name in written.to_pylist()])


def _called(codes: Texts, kind: str) -> Texts:
    return pc.binary_join_element_wise(kind[0].upper() + kind[1:], codes, " ") if kind else codes


def _texts(values: Sequence[str]) -> Texts:
    return pa.chunked_array([pa.array(values, pa.string())])
