"""When what of a data set is published for good: times that would not keep what is published once (METHODS, 7)."""

from __future__ import annotations

from candor.portal.lines import Path
from candor.portal.load import Reading
from candor.portal.model import DatasetConfig
from candor.portal.schema_model import Schema

_AT: Path = ("settling", "days")


def check_settling(reading: Reading, dataset: DatasetConfig, schema: Schema) -> None:
    """Report a time that is none where a data set has sensitive kinds, and one after the figures of its quarter."""
    if reading.config is None:
        return
    settling, own = reading.config.settling, dataset.settling
    days = own.days if own else settling.days
    file = f"datasets/{dataset.name}.toml" if own else "portal.toml"
    marked = bool(dataset.flags) or schema.with_role("sensitive_flag") is not None
    if days == 0 and (schema.counted or dataset.crosswalk or marked):
        reading.report(
            file, _AT, f"days = 0 for {dataset.name}, which has sensitive kinds",
            "1 day or more: what turns sensitive later would vanish from the rows, and could be had by subtracting",
            "Write days = 30, or what `candor check` measured; 0 is for data sets without sensitive kinds.",
        )  # fmt: skip
    if schema.counted and days > min(settling.quarter_days, settling.year_days):
        reading.report(
            file, _AT, f"days = {days} for {dataset.name}, after the figures of its quarter or year are told",
            f"at most quarter_days ({settling.quarter_days}) and year_days ({settling.year_days}) of portal.toml: "
            "figures are told once, of months that have settled",
            "Write fewer days, or more quarter_days and year_days.",
        )  # fmt: skip
