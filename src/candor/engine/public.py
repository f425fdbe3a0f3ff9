"""The public side's DuckDB: it can read the public folder and do nothing else."""

from __future__ import annotations

from pathlib import Path

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
        }
    )
    connection.execute(f"SET allowed_directories = ['{allowed}/']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
