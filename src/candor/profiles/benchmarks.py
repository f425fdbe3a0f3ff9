"""The figures of other places that a portal declares, held against the categories that there are."""

from __future__ import annotations

from candor.errors import Problem
from candor.portal.model import PortalConfig
from candor.portal.words import did_you_mean
from candor.profiles.offences import load_offences
from candor.profiles.taxonomy import load_taxonomy


def check_benchmarks(config: PortalConfig) -> list[Problem]:
    """A mistake for each `[[benchmarks]]` whose category its layer does not have."""
    calls, offences = load_taxonomy(), load_offences()
    known = {
        "calls": ("all", *calls.groups, *calls.slugs),
        "offences": ("all", *dict.fromkeys(c.group for c in offences.categories), *offences.slugs),
    }
    return [
        Problem(
            f"portal.toml: benchmarks.{i}.category",
            f"the category {benchmark.category!r} of {benchmark.layer}",
            "all, a group or a category of that layer",
            did_you_mean(benchmark.category, known[benchmark.layer])
            or f"These are: {', '.join(dict.fromkeys(known[benchmark.layer]))}.",
        )
        for i, benchmark in enumerate(config.benchmarks)
        if benchmark.category not in known[benchmark.layer]
    ]
