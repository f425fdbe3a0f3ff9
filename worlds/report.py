"""The report, in plain words: Markdown. The same results give the same text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

import numpy as np

from candor.demo.worlds import BASE_RATES, PLANTED_TOWNS
from candor.profiles.profile import standard_taxonomy
from worlds.judge import BANDS, EVERYWHERE, LARGE, ONE_MAP, SMALL, band_name
from worlds.maps import EXAMPLES, MapFinding
from worlds.results import PERIODS, Limit, Results, limits
from worlds.tally import Tallies

FIGURES: Final = {"null": "worlds-null.svg", "planted": "worlds-planted.svg"}
Row = tuple[str, ...]


def report(results: Results, command: str) -> str:
    """`docs/worlds.md`; `command` is how it was made."""
    parts = [
        _opening(results, command),
        _limits(results),
        _side_by_side(results),
        _null_in_detail(results),
        _planted_in_detail(results),
        _intervals(results),
        _weaker(),
        _whole(results),
    ]
    return "\n".join(parts)


def _opening(results: Results, command: str) -> str:
    taxonomy = standard_taxonomy("calls")
    rates = "\n".join(f"- {taxonomy[name].label}: {rate:g}" for name, rate in BASE_RATES.items())
    return f"""# Two worlds whose truth is known

A map of police calls is easily a map of where people live, and a small town’s rate is mostly chance. Whether
Candor’s figures can be trusted is tried here in worlds that we made ourselves, so that we know what is true in them:

- In a **null world** every town has the same rate, on every day. Calls are drawn by chance from the number of
  residents alone. Whatever a map shows of differences there, or of change, is chance: an honest map shows nothing.
- In a **planted world** {PLANTED_TOWNS} towns, drawn by lot, have twice the rate of all others. An honest map shows
  those, where there are enough calls to tell, and no others.

This report is of {len(results.null)} null worlds and {len(results.planted)} planted worlds, three years each, of the
255 towns of Vermont with their residents. **Every call in it is SIMULATED.** It is made by

```
{command}
```

and the same command gives the same report. `make worlds` is that command with its defaults.

Calls per 1,000 residents and year, wherever nothing is planted:

{rates}

Their groups, their total, every period and both ways of counting (calls from citizens, and all calls) are judged as
they are published. So a share of “towns” is a share of all comparisons of a town that a release makes.
"""


def _limits(results: Results) -> str:
    rows = [(limit.what, _asked(limit), _found(limit), "yes" if limit.held else "**no**") for limit in limits(results)]
    return f"""## What was asked, and what was found
The limits are those of the methods: a verdict stands at 99.8 %, a “perhaps” at 95 %, a change only where it stands
among all changes of a release. Towns are compared from 5 expected calls on; shares are of those that are.

{_table(("what", "asked", "found", "held"), rows)}
"""


def _asked(limit: Limit) -> str:
    def number(value: float) -> str:
        return f"{value * 100:g} %" if limit.percent else f"{value:+.2f}"

    if limit.least is not None and limit.most is not None:
        return f"{number(limit.least)} to {number(limit.most)}"
    return f"at least {number(limit.least)}" if limit.least is not None else f"at most {number(limit.most or 0.0)}"


def _found(limit: Limit) -> str:
    number = _percent(limit.found) if limit.percent else f"{limit.found:+.3f}"
    return f"{number} ({limit.detail})"


def _side_by_side(results: Results) -> str:
    null, planted = results.in_null, results.in_planted
    names = list(EXAMPLES)

    def shares(found: Tallies, measure: str) -> Row:
        return tuple(_percent(found.total(measure, name).value) for name in names)

    def mean(of: Callable[[MapFinding], float]) -> Row:
        found = (np.mean([of(m) for m in results.maps if m.series == name]) for name in names)
        return tuple(f"{value:+.2f}" for value in found)

    where = [
        ("others, raw counts: correlation of the count with population", *mean(lambda m: m.raw_count)),
        ("others, raw counts: of the largest fifth of towns, in the darkest colour",
         *shares(null, "top fifth by count, of the largest fifth")),
        ("others, crude rates: correlation of a rate’s distance from the state’s with population",
         *mean(lambda m: m.crude_extremeness)),
        ("Candor: correlation of the colour with population", *mean(lambda m: m.colour)),
        ("Candor: correlation of a colour’s distance from grey with population", *mean(lambda m: m.strength)),
    ]  # fmt: skip
    chance = [
        ("others, crude rates: towns in the darkest or the lightest of five colours",
         *_sums(null, names, "top fifth by rate", "bottom fifth by rate")),
        ("… of the smallest fifth of towns", *shares(null, "end fifths by rate, of the smallest fifth")),
        ("… of the largest fifth of towns", *shares(null, "end fifths by rate, of the largest fifth")),
        ("Candor: towns in any other colour than grey", *shares(null, "drawn off grey")),
        ("Candor: towns told higher or lower", *_sums(null, names, "told higher", "told lower")),
        ("others, percentages: towns whose number rose or fell by 20 % or more in a year",
         *shares(null, "changed by 20 %")),
        ("Candor: towns of which a change is called", *shares(null, "change called")),
    ]  # fmt: skip
    truth = [
        ("others, raw counts: of the towns in the darkest colour, truly higher",
         *shares(planted, "planted among top fifth by count")),
        ("others, crude rates: of the towns in the darkest colour, truly higher",
         *shares(planted, "planted among top fifth by rate")),
        ("Candor: of the purple towns (higher, the stronger the surer), truly higher",
         *shares(planted, "planted among drawn purple")),
        ("Candor: of the towns told higher, truly higher", *shares(planted, "planted among told higher")),
    ]  # fmt: skip
    head = ("map", *EXAMPLES.values())
    return f"""## The same worlds as other maps draw them
Most maps of police calls colour towns by raw counts, or by crude rates cut into fifths, and print a percentage of
change. Here they are beside Candor’s default map, which colours by the smoothed relative rate and lets the colour fade
to grey as it becomes uncertain: teal is lower than the state, purple higher. Calls from citizens in the last 12 months
(on Candor’s map the last 36 for towns with fewer than 10 in 12; a change: between the last two calendar years). Nothing
in a null world is there to be seen, so whatever a map shows of it is made of chance and of where people live.

![Three maps of one null world, a circle for each town. By raw counts the towns with most residents are darkest. By
crude rates dark and light towns are spread over the state. In Candor’s map the towns are grey, the colour of the
state’s own rate, or are said to have too few calls.]({FIGURES["null"]})

One null world, calls about noise. In truth all towns are the same.

![Three maps of one planted world; the ten towns with twice the rate are ringed. By raw counts most of the ringed towns
are not among the darkest. By crude rates they are dark, and so are many others. In Candor’s map the ringed towns with
enough calls are purple, and almost all others are grey.]({FIGURES["planted"]})

One planted world, calls about noise. In truth the ringed towns have twice the rate of all others.

**Is it a map of where people live?** (null worlds; correlations are of ranks: +1 is the same order, 0 is none)

{_table(head, where)}

**How many towns does chance alone set apart?** (null worlds)

{_table(head, chance)}

**Is a town that is shown as high truly high?** (planted worlds; {PLANTED_TOWNS} of 255 towns are)

{_table(head, truth)}
"""


def _sums(found: Tallies, names: Iterable[str], *measures: str) -> Row:
    def both(name: str) -> float:
        parts = [found.total(measure, name) for measure in measures]
        return sum(p.hits for p in parts) / parts[0].of if parts[0].of else float("nan")

    return tuple(_percent(both(name)) for name in names)


def _null_in_detail(results: Results) -> str:
    rows = []
    for period, words in PERIODS.items():
        for base in (LARGE, SMALL):
            compared, verdict, perhaps = (
                results.in_null.total(measure, base, period) for measure in ("compared", "verdict", "perhaps")
            )
            told = (_percent(share.value) for share in (compared, verdict, perhaps))
            rows.append((words, base.removeprefix("base rate "), *told))
    colour, smoothed = (results.correlations(of) for of in (lambda m: m.colour, lambda m: m.smoothed))
    inside, inside_smoothed = (float((np.abs(found) <= 0.15).mean()) for found in (colour, smoothed))
    shrunk = results.in_null.total("fully shrunk")
    return f"""## Null worlds in detail
{_table(("period", "base rate per 1,000", "towns compared", "verdict", "“perhaps”"), rows)}

Of {len(colour):,} maps of calls from citizens (the default map of each series, and its maps of each year, of 12 and of
36 months), {_percent(inside)} have a rank correlation of colour and population within 0.15; where all towns are grey it
is 0. Without the fading, by the smoothed rate itself, it would be within 0.15 for {_percent(inside_smoothed)}
(mean {smoothed.mean():+.3f}): between 255 independent towns chance alone gives a standard deviation of 0.06. In
{_percent(shrunk.value)} of all sets of towns nothing beyond chance was found between them, and all have the state’s
rate.
"""


def _planted_in_detail(results: Results) -> str:
    rows = []
    for low, high in pairwise(BANDS):
        name = band_name(low, high)
        cells = []
        for scope in (EVERYWHERE, ONE_MAP):
            verdict = results.in_planted.total("planted, verdict", scope, name)
            perhaps = results.in_planted.total("planted, at least perhaps", scope, name)
            cells += [_percent(verdict.value), _percent(perhaps.value)]
        rows.append((name, *cells, _percent(results.in_planted.total("planted, drawn purple", name).value)))
    head = ("expected calls", "verdict, all lines", "at least “perhaps”, all lines", "verdict, one map",
            "at least “perhaps”, one map", "purple on the default map")  # fmt: skip
    true, told = (results.in_planted.total("true of higher"), results.in_planted.total("verdict"))
    purple, strong = (results.in_planted.total("others, purple", how) for how in ("at all", "strongly"))
    return f"""## Planted worlds in detail
At base rates of 10 per 1,000 and more. “All lines” are all periods and totals; “one map” are single categories in the
last 12 months; the default map’s towns are sorted by what is expected in 12 months, and may be drawn by 36. The fewer
calls are expected, the more often a town with twice the rate cannot be told from chance. “As expected” never says that
a town is like the others; it says that the calls do not show a difference.

{_table(head, rows)}

Of the towns told “higher”, {_percent(true.value)} truly are. Of the other towns that are compared,
{_percent(told.value)} get a verdict; some of them truly, for planted towns raise the state’s rate, and the largest of
the others lie below it then. On the default maps {_percent(purple.value)} of the other towns are purple, and
{_percent(strong.value)} strongly so.
"""


def _intervals(results: Results) -> str:
    both = results.in_both
    printed = [
        (f"printed, {words} expected", both.total("printed interval, expected", words))
        for words in ("20 and more", "10 to 20", "under 10")
    ]
    every = [(f"every count, {words} expected", both.total("interval, expected", words))
             for words in ("20 and more", "under 20")]  # fmt: skip
    rates = [(words, _percent(share.value), f"{share.of:,}") for words, share in (*every, *printed)]
    smooth = [
        (f"{kind} worlds, {words}", _percent(share.value), f"{share.of:,}")
        for kind, tallies, scopes in (
            ("null", results.in_null, ("all towns",)),
            ("planted", results.in_planted, ("all towns", "planted", "planted, 20 expected and more")),
        )
        for words in scopes
        for share in [tallies.total("smoothed interval", words)]
    ]
    return f"""## Intervals in detail
How often the 95 % interval of a rate holds the true rate. It is exact under 10 calls, where it has to be wide to be
sure, and so holds it more often than 95 times in 100.

{_table(("rates", "interval holds the true rate", "intervals"), rates)}

A rate is printed only from 10 calls on. Where fewer than 10 are expected, a town gets its rate printed only when it
happened to have more: those rates are too high on average, and their intervals miss the truth more often than they
say. The comparison in words is not touched by it, for it rests on what is expected and not on what is printed.

How often the 95 % interval of the smoothed relative rate holds the true one:

{_table(("smoothed relative rates", "interval holds the truth", "intervals"), smooth)}

These are not intervals of the same kind. Smoothing takes the towns to differ as a gamma distribution says, and draws
each town towards the others; where nothing beyond chance is found between them it gives all the state’s rate, and the
interval is a point. On towns that differ as it supposes, it is right on average; a few towns that stand out from
{255 - PLANTED_TOWNS} equal ones are drawn in too far, and their intervals are too narrow. So the smoothed figure
colours the map, cautiously; it is the comparison, from the exact limits, that says higher or lower.
"""


def _weaker() -> str:
    return """## What these worlds do not show
- **Real towns differ, and vary more than chance.** Then the verdicts’ limits widen, as they should; how much is not
  tried here.
- **Nothing is suppressed.** All categories of these worlds are open.
- **All towns report every month.** Gaps and late starts have tests of their own.
"""


def _whole(results: Results) -> str:
    rows = [
        (
            result.world.kind, str(result.world.seed), f"{result.rows:,}", f"{result.calls:,}", f"{result.lines:,}",
            ", ".join(result.differences) or "none",
        )
        for result in results.whole
    ]  # fmt: skip
    return f"""## The whole chain and the fast path
A release takes the whole way: exports of rows, read, typed, cleared of rows sent twice, placed in towns, counted,
protected, computed, stored. The worlds below took all of it, and what was published was held against what the fast
path computes from the counts that were drawn: every line, every column. The fast path begins at the counts by town,
month and category, and calls the same functions as a release. All worlds took it, these too.

{_table(("world", "seed", "rows exported", "calls in them", "lines of figures", "differences"), rows)}
"""


def _percent(value: float) -> str:
    """Two digits after the point under 1 %, one elsewhere; nothing can be a share of nothing."""
    if np.isnan(value):
        return "–"
    return f"{value * 100:.2f} %" if 0 < value < 0.01 else f"{value * 100:.1f} %"


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
