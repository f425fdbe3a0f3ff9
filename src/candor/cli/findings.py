"""What a run found in texts, crosswalks and sources: a few lines for people, JSON for programs."""

from __future__ import annotations

from typing import Any

from candor.accounting.scanned import Texts
from candor.cli.report import say
from candor.privacy.texts.scan import Hit
from candor.publish.result import Run


def findings_json(run: Run) -> dict[str, Any]:
    """What the scan found and what of it nobody passed, new columns, and crosswalk lines that sound sensitive."""
    return {
        "texts": {
            t.dataset: [{**vars(hit), "passed": not _left(t, hit)} for hit in t.hits] for t in run.texts if t.hits
        },
        "new_columns": {
            name: {"since_release": new.since, "columns": list(new.columns)} for name, new in run.new_columns.items()
        },
        "unchecked": run.unchecked,
        "too_open": [vars(problem) for problem in run.too_open],
        "unsigned": [{**vars(one.problem), "stops": one.stops} for one in run.unsigned],
        "people": [vars(problem) for problem in run.people],
    }


def say_findings(run: Run) -> None:
    """The same for people. What would stop a release comes as an error does; nothing here is a person's."""
    for name, new in run.new_columns.items():
        say(f"\n{name}: new since release {new.since}: {', '.join(new.columns)}; not published")
    for texts in run.texts:
        for hit in texts.hits:
            left = _left(texts, hit)
            word = "would stop the release" if left else "passed by a reviewer"
            say(f"\n{texts.dataset}: {hit.column}: {(left or hit).words()}; {word}")
    for one in run.unsigned:
        if not one.stops:
            say(f"\n{one.problem.where}: {one.problem.found}; published before, so it goes on. {one.problem.remedy}")
    if run.unchecked:
        say(f"\nUnchecked in the texts: {run.unchecked}. Install candor[scan] to have them checked")


def _left(texts: Texts, hit: Hit) -> Hit | None:
    """What nobody passed of what a rule found in a column; None where all of it was."""
    return next((left for left in texts.unpassed if (left.column, left.rule) == (hit.column, hit.rule)), None)
