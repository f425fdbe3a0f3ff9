"""The engine that a portal names."""

from __future__ import annotations

from pathlib import Path

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.errors import UsageError
from candor.portal.config_model import PortalConfig


def open_engine(config: PortalConfig, scratch: Path) -> Engine:
    """Open DuckDB or Spark for the portal's time zone. `scratch` is made; what is left in it may be thrown away.

    Raises `UsageError` where Spark is named and is not installed, or does not start.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    if config.engine == "duckdb":
        return DuckEngine(config.time_zone, scratch, config.memory_limit)
    try:
        from candor.engine.spark import SparkEngine  # noqa: PLC0415  # Spark is an extra: most portals run without it
    except ImportError as error:
        raise UsageError('The engine "spark" needs PySpark, which is not installed', "",
                         "Install candor[spark], and Java 17 or 21 (Debian: apt-get install openjdk-17-jre-headless)."
                         ) from error  # fmt: skip
    return SparkEngine(config.time_zone, config.spark.master, config.spark.options)
