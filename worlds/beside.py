"""What stands beside the limits in the report: other maps, real data, and the whole chain."""

from __future__ import annotations

from worlds.kinds import KINDS
from worlds.naive import EXAMPLES
from worlds.results import FIGURES, Results
from worlds.tables import percent, table
from worlds.tally import Tallies


def side_by_side(results: Results) -> str:
    """Null and planted worlds as other maps draw them."""
    if not {"null", "planted"} <= set(results.found):
        return ""
    null, planted = results.found["null"], results.found["planted"]

    def shares(found: Tallies, measure: str) -> list[str]:
        return [percent(found.total(measure, name).value) for name in EXAMPLES]

    def means(measure: str) -> list[str]:
        return [f"{null.total(measure, name).value:+.2f}" for name in EXAMPLES]

    head = ("map", *EXAMPLES.values())
    where = [
        ["others, raw counts: rank correlation of the count with population", *means("correlation of counts")],
        ["others, raw counts: of the largest fifth of towns, in the darkest colour",
         *shares(null, "top fifth by count, of the largest fifth")],
        ["others, crude rates: correlation of a rate’s distance from the state’s with population",
         *means("correlation of extreme rates")],
        ["Candor: correlation of the colour with population", *means("correlation of colour")],
    ]  # fmt: skip
    chance = [
        ["others, crude rates: towns in the darkest or the lightest of five colours",
         *shares(null, "end fifths by rate")],
        ["… of the smallest fifth of towns", *shares(null, "end fifths by rate, of the smallest fifth")],
        ["… of the largest fifth of towns", *shares(null, "end fifths by rate, of the largest fifth")],
        ["Candor: towns in any other colour than grey", *shares(null, "coloured")],
        ["Candor: towns told higher or lower", *shares(null, "told higher or lower")],
        ["others, percentages: towns whose number rose or fell by 20 % or more in a year",
         *shares(null, "changed by 20 %")],
        ["Candor: towns of which a change is told", *shares(null, "change told")],
    ]  # fmt: skip
    truth = [
        ["others, raw counts: of the towns in the darkest colour, truly higher",
         *shares(planted, "planted among top fifth by count")],
        ["others, crude rates: of the towns in the darkest colour, truly higher",
         *shares(planted, "planted among top fifth by rate")],
        ["Candor: of the towns told higher, truly higher", *shares(planted, "planted among told higher")],
    ]  # fmt: skip
    return f"""## The same worlds as other maps draw them
Most maps of police calls colour towns by raw counts, or by crude rates cut into fifths, and print a percentage of
change. Here they are beside Candor’s, over the last year: of null worlds, and of those with ten towns at twice the
rate.

![Three maps of one null world, a circle for each town. By raw counts the towns with most residents are darkest. By
crude rates dark and light towns are spread over the state. In Candor’s map the towns are grey, the colour of the
others’ rate, or are said to have too few calls.]({FIGURES["null"]})

One null world, calls about noise. In truth all towns are the same.

![Three maps of one planted world; the ten towns with twice the rate are ringed. By raw counts most of the ringed towns
are not among the darkest. By crude rates they are dark, and so are many others. In Candor’s map the ringed towns with
enough calls are purple, and almost all others are grey.]({FIGURES["planted"]})

One planted world, calls about noise. In truth the ringed towns have twice the rate of all others.

**Is it a map of where people live?** (null worlds; correlations are of ranks: +1 is the same order, 0 is none)

{table(head, where)}

**How many towns does chance alone set apart?** (null worlds)

{table(head, chance)}

**Is a town that is shown as high truly high?** (planted worlds)

{table(head, truth)}
"""


def real_data(results: Results) -> str:
    """What the rules say of real data."""
    rows = [
        [place.what, place.towns, *(percent(place.shares.get(word, 0.0)) for word in ("higher", "probably higher",
         "about the same rate", "cannot be told apart", "probably lower", "lower")), place.exact, place.wander,
         place.unusual, place.change]
        for place in results.real if not place.missing
    ]  # fmt: skip
    missing = [f"- {place.what}: {place.missing}" for place in results.real if place.missing]
    head = ("data", "places compared", "higher", "probably higher", "about the same", "cannot be told apart",
            "probably lower", "lower", "higher or lower by chance alone (c = 0)", "wander", "among the tenth",
            "changes")  # fmt: skip
    lines = [table(head, rows)] if rows else []
    lines += ["\nNot on this machine:\n", *missing] if missing else []
    return f"""## The same rules on real data
Nothing is known to be true here; it is how the rules speak of towns as they are. Beside them: how many places the exact
rule alone would call higher or lower, the same comparison without wander (c = 0).

{chr(10).join(lines)}
"""


def whole_chain(results: Results) -> str:
    """Worlds that were published, beside the fast path."""
    rows = [
        [KINDS[one.kind].title, str(one.seed), f"{one.rows:,}", f"{one.calls:,}", f"{one.lines:,}",
         ", ".join(one.differences) or "none"]
        for one in results.whole
    ]  # fmt: skip
    if not rows:
        return ""
    return f"""## The whole chain and the fast path
A release takes the whole way: exports of rows, read, typed, cleared of rows sent twice, placed in towns, counted,
protected, computed, stored. The worlds below took all of it, and what was published was held against what the fast
path computes from the counts that were drawn: every line, every column. The fast path begins at the counts by town,
month and category, and calls the same functions as a release.

{table(("world", "seed", "rows exported", "calls in them", "lines of figures", "differences"), rows)}
"""
