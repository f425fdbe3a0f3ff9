"""What pydantic says of a portal's text, in the words of its owner."""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from typing import Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from candor.errors import Problem
from candor.portal.declared import COLUMN_NAME, FOUR_BY_FOUR, MONTH, NAME, Dataset
from candor.portal.lines import Path
from candor.portal.words import did_you_mean

Where = Callable[[Path], str]

_PATTERNS = {
    NAME: "small letters, digits and single hyphens, beginning with a letter, such as burlington-calls",
    COLUMN_NAME: "small letters, digits and underscores, beginning with a letter, such as call_type",
    FOUR_BY_FOUR: "two groups of four small letters or digits 2 to 9, such as ab2d-9xyz, made once and kept",
    MONTH: "a month such as 2024-05",
}
_TYPES = {
    "string_type": "text, in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false, without quotes",
    "tuple_type": "a list, in square brackets",
    "dict_type": "a table of keys",
    "model_type": "a table of keys",
    "date_type": "a day such as 2025-01-31",
    "date_parsing": "a day such as 2025-01-31",
    "date_from_datetime_parsing": "a day such as 2025-01-31",
    "date_from_datetime_inexact": "a day such as 2025-01-31",
}
_KINDS: dict[type, str] = {str: "the text", bool: "the value", int: "the number", float: "the number"}


def problems_of(error: ValidationError, model: type[BaseModel], where: Where) -> list[Problem]:
    """One `Problem` for each mistake that pydantic found."""
    return [
        problem for detail in error.errors(include_url=False) if (problem := _problem(detail, model, where)) is not None
    ]


def wrong_keys(error: ValidationError) -> set[Path]:
    """The keys that are there and wrong."""
    found = (_without_branch(d["loc"], d["input"], d["type"]) for d in error.errors() if d["type"] != "missing")
    return {path for path in found if path}


def _problem(detail: ErrorDetails, model: type[BaseModel], where: Where) -> Problem | None:
    path = _without_branch(detail["loc"], detail["input"], detail["type"])
    return None if path is None else Problem(where(path), *_words(detail, path, model))


def _words(detail: ErrorDetails, path: Path, model: type[BaseModel]) -> tuple[str, str, str]:
    """What was found, what is allowed, what to do."""
    kind, context, found = detail["type"], detail.get("ctx", {}), _shown(detail["input"])
    key = str(path[-1]) if path else ""
    remedy = "Correct the value."
    match kind:
        case "missing":
            wanted = _description(model, path)
            found, remedy = f"no key {key!r}", "Write the key."
            allowed = f"{key} = ..., {wanted}" if wanted else f"{key} = ..."
        case "extra_forbidden":
            known = _keys(_model_at(model, path[:-1]))
            found, allowed = f"the key {key!r}", ", ".join(known)
            remedy = did_you_mean(key, known) or "Remove the key, or correct its name."
        case "literal_error":
            choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            allowed = ", ".join(repr(c) for c in choices)
            remedy = did_you_mean(str(detail["input"]), [c for c in choices if c]) or "Use one of these."
        case "string_pattern_mismatch":
            pattern = str(context.get("pattern", ""))
            allowed = _PATTERNS.get(pattern) or _description(model, path) or f"text of the form {pattern}"
        case "string_too_short":
            found, allowed, remedy = "an empty text", "a text that is not empty", "Write it."
        case "greater_than_equal":
            meant = _description(model, path)
            allowed = f"a number from {context['ge']}" + (f": {meant}" if meant else "")
            remedy = f"Write {context['ge']} or more, or leave the key out."
        case "less_than_equal":
            allowed = f"a number up to {context['le']}"
        case "value_error":
            allowed = detail["msg"].removeprefix("Value error, ")
        case _:
            allowed = _TYPES.get(kind, detail["msg"])
    return found, allowed, remedy


def _without_branch(loc: tuple[int | str, ...], value: object, kind: str) -> Path | None:
    """The path without pydantic's names for the branches of `schema`, and None for the branch that was not meant."""
    if len(loc) > 1 and loc[0] == "schema" and loc[1] in ("str", "OwnSchema"):
        if loc[1] == "str" and isinstance(value, dict):
            return None
        if len(loc) == 2 and loc[1] == "OwnSchema" and kind == "model_type":
            return None
        return (loc[0], *loc[2:])
    return loc


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a table with " + (", ".join(list(value)[:6]) or "nothing in it")
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    text = ("true" if value else "false") if isinstance(value, bool) else repr(value)
    return f"{_KINDS.get(type(value), 'the value')} {text if len(text) <= 80 else text[:77] + '...'}"


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel]:
    """The model that describes the table at `path`."""
    annotation: object = model
    for part in path:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields.items()
            annotation = next((f.annotation for name, f in fields if part in (name, f.alias)), None)
        else:
            annotation = _element(annotation)
        annotation = _model_in(annotation)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else model


def _element(annotation: object) -> object:
    arguments = [a for a in get_args(annotation) if a is not Ellipsis]
    return arguments[-1] if arguments else None


def _model_in(annotation: object) -> object:
    """Of `X | None` and `str | X` the part that has keys."""
    if get_origin(annotation) in (types.UnionType, Union):
        parts = get_args(annotation)
        return next((p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)), parts[0])
    return annotation


def _keys(model: type[BaseModel]) -> list[str]:
    # A data set's name is its file's.
    hidden = {"name"} if issubclass(model, Dataset) else set()
    return [field.alias or name for name, field in model.model_fields.items() if name not in hidden]


def _description(model: type[BaseModel], path: Path) -> str:
    parent = _model_at(model, path[:-1]) if len(path) > 1 else model
    fields = parent.model_fields.items()
    return next((f.description or "" for name, f in fields if path and path[-1] in (name, f.alias)), "")
