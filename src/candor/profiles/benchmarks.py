"""The figures of other places that a portal declares, held against the categories that there are."""

from __future__ import annotations

from collections.abc import Mapping

from candor.errors import Problem
from candor.portal.config_model import PortalConfig
from candor.portal.words import did_you_mean
from candor.profiles.profile import Kind


def check_benchmarks(config: PortalConfig, kinds: Mapping[str, Kind]) -> list[Problem]:
    """A mistake for each `[[benchmarks]]` whose layer is no profile, or whose category its layer does not have."""
    known = {name: ("all", *kind.taxonomy.groups, *kind.taxonomy.slugs) for name, kind in kinds.items()}
    return [
        Problem(f"portal.toml: benchmarks.{i}.layer", repr(benchmark.layer), ", ".join(known), "Name one of these.")
        for i, benchmark in enumerate(config.benchmarks)
        if benchmark.layer not in known
    ] + [
        Problem(
            f"portal.toml: benchmarks.{i}.category",
            f"the category {benchmark.category!r} of {benchmark.layer}",
            "all, a group or a category of that layer",
            did_you_mean(benchmark.category, known[benchmark.layer])
            or f"These are: {', '.join(dict.fromkeys(known[benchmark.layer]))}.",
        )
        for i, benchmark in enumerate(config.benchmarks)
        if benchmark.category not in known.get(benchmark.layer, (benchmark.category,))
    ]
