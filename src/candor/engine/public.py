"""The public side's DuckDB: it can read the public folder and do nothing else."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import duckdb

MEMORY_LIMIT = "512MB"


def open_public(public_dir: Path, *, memory_limit: str = MEMORY_LIMIT) -> duckdb.DuckDBPyConnection:
    """An in-memory connection that may open files below `public_dir` and no other.

    No other folder, no URL, no extension, and no way to change this again: the configuration is locked. What this
    leaves open, such as to write below the folder, `reading.require_reading` refuses and the rights of the account do.
    Take a `cursor()` of it for each request; cursors may be used from different threads at once.
    Source: DuckDB's documentation, "Securing DuckDB".
    """
    allowed = str(public_dir.resolve()).replace("'", "''")
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            # With two, DuckDB 1.5.5 gives the rows of a query without ORDER BY in another order each time, although it
            # says that it keeps theirs; each request runs on a thread of its own anyway.
            "threads": 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            # A name in a statement is never a variable of this program.
            "python_enable_replacements": False,
            # A query that does not fit into memory fails with a clear error; the site writes to no disk.
            "temp_directory": "",
            # The system keeps files that are read often; a second copy would only take this process's memory.
            "enable_external_file_cache": False,
        }
    )
    connection.execute(f"SET allowed_directories = ['{allowed}/']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


class _WithoutPandas(MetaPathFinder):
    """Says of pandas that it is not installed."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the protocol's
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Raises `ModuleNotFoundError` for pandas; of everything else it knows nothing."""
        if fullname == "pandas":
            raise ModuleNotFoundError("This program does without pandas", name=fullname)
        return None


def leave_out_pandas() -> None:
    """Keep pandas out of this process, for good. For a program that serves and does nothing else.

    DuckDB and PyArrow ask of the first value that they are given whether it is one of pandas', and for that they load
    all of it where it is installed: a second of processor time and 60 MB. The site gives them none.
    """
    if not any(isinstance(finder, _WithoutPandas) for finder in sys.meta_path):
        sys.meta_path.insert(0, _WithoutPandas())
