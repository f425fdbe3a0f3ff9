"""The report, in plain words: Markdown. The same results give the same text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from candor.vocabulary.comparison import ANSWERED
from worlds.beside import real_data, side_by_side, whole_chain
from worlds.draw import BASE, MONTHS
from worlds.judge import FAMILIES, HIGH_EXPECTED, HIGH_FROM, LOW_EXPECTED, LOW_TO, PLANTED_EXPECTED
from worlds.kinds import CHANGED, DIFFER, KINDS, NULL, OTHER, PLANTED
from worlds.limits import Limit, limits, worst
from worlds.results import Results, cell, of_part
from worlds.results import held as limits_by_name
from worlds.tables import in_words, marked, percent, table, worlds_in_100
from worlds.tally import Tallies

_FLOOR: Final = (
    "the least wander that the rule allows is 2 %, and there is none in these worlds: intervals are a little too wide"
)
_FEW: Final = (
    "chance, in so many answers: c was learned too low from few pairs, or the gain passed 6.6, "
    "as it does in one set of towns in 200"
)
_CONTAMINATED: Final = (
    "of the towns whose counts are large enough to learn c from (about 70) ten truly grow: as many as the 5 % of pairs "
    "that are left out, so that growth passes for wander. Leaving out 20 %, or all beyond 2.5 standard deviations, was "
    "tried: it mends about a third of it, and brings more false changes where wander is real. So was the median of c "
    "over the years: it mends half of it, and is too high where there are few towns"
)

REASONS: Final[Mapping[str, str]] = {
    "null day-declared wander season noise fourteen: among the tenth": _FEW,
    "growth growth-wander: growth told, base rate 10": _CONTAMINATED,
    "null season growth differ-still planted zeros: interval of": _FLOOR,
}
"""Why a limit is not held, by `kind: what`, as far as it was found out."""


def report(results: Results, command: str) -> str:
    """`docs/worlds.md`; `command` is how it was made."""
    parts = [
        _opening(results, command),
        _alike(results),
        _differ(results),
        _planted(results),
        _other(results),
        _intervals(results),
        _wander(results),
        _not_held(results),
        side_by_side(results),
        real_data(results),
        whole_chain(results),
    ]
    return "\n".join(part for part in parts if part)


def _opening(results: Results, command: str) -> str:
    bases = ", ".join(f"{base:g}" for base in BASE)
    return f"""# Worlds whose truth is known

A map of police calls is easily a map of where people live, and a small town’s rate is mostly chance. Whether
Candor’s figures can be trusted is tried here in worlds that we made ourselves, so that we know what is true in them:
{len(results.found)} kinds, {results.worlds} worlds of each. In some all towns are alike, and an honest map shows
nothing; in others towns truly differ, or change, and an honest map shows that and nothing else.

Each world has {MONTHS // 12} years of months and three kinds of call with {bases} calls per 1,000 persons and year
where nothing else is true: 157 together. A third of the worlds are in Vermont’s 255 towns, a third in 120 towns whose
sizes are lognormal, a third in 90 whose sizes fall with their rank, so that a fifth of all people live in the largest.
A town’s own count wanders where that is said: each year, and for each kind of call by itself, its rate is multiplied by
a gamma factor with mean 1 and that standard deviation. **Every call in it is SIMULATED.** The report is made by

```
{command}
```

and the same command gives the same report. `make worlds` is that command with its defaults. The limits are those of
the methods; **bold** is what is outside of them. Shares of towns are of all that are compared (5 expected and more),
over all series, the years, the last 36 months, and the last quarters and months.
"""


def _alike(results: Results) -> str:
    rows = []
    for name in of_part(results, NULL):
        t, held = results.found[name], limits_by_name(name, results)
        families = [held.get(f"false change among {family}") for family in FAMILIES]
        most = worst(t, "false change")
        rows.append([
            KINDS[name].title,
            cell(t.total("sure"), held["higher or lower"]),
            cell(t.total("probable"), held["probably"]),
            marked(in_words(t.total("among the tenth")), held["among the tenth"].held),
            marked(worlds_in_100(most), all(limit is None or limit.held for limit in families)),
            marked(worlds_in_100(t.total("any false change")),
                   (any_of := held.get("false change in any of five families")) is None or any_of.held),
            percent(t.total("month marked").value),
            percent(t.total("series with a month marked").value),
        ])  # fmt: skip
    head = ("world", "higher or lower (at most 0.5 %)", "probably (6 %)", "among the tenth (never)",
            "worlds in 100 with a false change, worst of five families (12)", "in any of the five (25)",
            "months marked", "series of a town with a month marked")  # fmt: skip
    return f"""## Worlds in which towns are alike
Whatever is said of a town here is chance. “Probably” is said of one town in twenty by its own rule, and says so; a
change is told only where it stands among all of its family. Five families are looked at:
{", ".join(FAMILIES)}.
A month is held against the same month of earlier years at 99.8 %.

{table(head, rows)}
"""


def _differ(results: Results) -> str:
    rows = []
    for name in of_part(results, DIFFER):
        t, held = results.found[name], limits_by_name(name, results)

        def told(side: str, word: str, t: Tallies = t, held: dict[str, Limit] = held) -> str:
            found, rule = t.total("found", side), t.total("found by the true c", side)
            return f"{cell(found, held[f'told {word} where it clearly is'])} ({percent(rule.value)})"

        rows.append([
            KINDS[name].title,
            cell(t.total("wrong side"), held["wrong side"]),
            cell(t.total("wrong side, probably"), held["wrong side, with probably"]),
            told("high", "higher"),
            told("low", "lower"),
            f"{cell(t.total('true of among the tenth'), held['true of among the tenth'])}"
            f" of {int(t.total('true of among the tenth').of):,}",
            " / ".join(percent(t.total("label", word).value) for word in ANSWERED),
        ])  # fmt: skip
    head = ("world", "wrong side (at most 0.3 %)", "with “probably” (3 %)",
            f"told higher, of truly {HIGH_FROM:g} and more, {HIGH_EXPECTED} expected (by the true wander)",
            f"told lower, of truly {LOW_TO:g} and less, {LOW_EXPECTED} expected (by the true wander)",
            "among the tenth: true (at least 90 %)", f"labels: {' / '.join(ANSWERED)}")  # fmt: skip
    return f"""## Worlds in which towns differ
The truth of a town is its true rate over that of the rest of the state. “Wrong side” is higher where it is truly lower,
or lower where it is higher. Towns that clearly differ are to be told so in 90 of 100 where a town’s own count wanders
by 5 % a year and less; where it wanders more, the rule itself cannot, and is to be within 5 points of what it would say
if it knew the true wander. “Among the tenth” is true of a town where at most a tenth of the towns are further out.

{table(head, rows)}
"""


def _planted(results: Results) -> str:
    rows = []
    for name in of_part(results, PLANTED):
        t, held = results.found[name], limits_by_name(name, results)
        bases = sorted(t.names("planted found"), key=float)
        rows.append([
            KINDS[name].title,
            ", ".join(f"{b} per 1,000: {cell(t.total('planted found', b), held[f'planted found, base rate {b}'])}"
                      for b in bases),
            cell(t.total("wrong side"), held["wrong side"]),
            cell(t.total("true of among the tenth"), held["true of among the tenth"]),
        ])  # fmt: skip
    for name in of_part(results, CHANGED):
        t, held = results.found[name], limits_by_name(name, results)
        cells = []
        for base in sorted(t.names("growth found"), key=float):
            found, rule = t.total("growth found", base), t.total("growth found by the true c", base)
            perhaps = t.total("growth found, or perhaps", base)
            text = f"{cell(found, held[f'growth told, base rate {base}'])} ({percent(rule.value)}"
            cells.append(f"{base} per 1,000: {text}; with “perhaps” {percent(perhaps.value)})")
        rows.append([KINDS[name].title, f"told “up”: {', '.join(cells)}",
                     cell(t.total("wrong side"), held["wrong side"]), "–"])  # fmt: skip
    head = ("world", f"found (of planted with {PLANTED_EXPECTED} expected: at least 90 %; of growth: within 10 points "
            "of the rule with the true wander)", "wrong side (0.3 %)", "among the tenth: true (90 %)")  # fmt: skip
    return f"""## Worlds with something planted
Ten towns, drawn by lot, have twice the rate; or the ten that come nearest to it have 100 calls a year, and 150 in the
last. The rule with the true wander is in brackets.

{table(head, rows)}
"""


def _other(results: Results) -> str:
    rows = []
    for name in of_part(results, OTHER):
        t, held = results.found[name], limits_by_name(name, results)
        bias = [t.total("rate over truth", start) for start in t.names("rate over truth")]
        moved = t.total("another sure label beside a growing city")
        rows.append([
            KINDS[name].title,
            ", ".join(f"{share.value - 1:+.2%}".replace("%", " %") for share in bias),
            cell(t.total("wrong side"), held.get("wrong side")),
            percent(t.total("sure").value),
            percent(t.total("true of among the tenth").value),
            "–" if not moved.of else cell(moved, held["others that turn to or from higher or lower"]),
        ])  # fmt: skip
    head = ("world", "rates on average over the truth, 20 to 100 expected and 100 and more (within 2 %)",
            "wrong side (0.3 %)", "higher or lower", "among the tenth: true",
            "other towns that turn to or from higher or lower (0.5 %)")  # fmt: skip
    return f"""## Zeros, gaps, one city that grows, uneven wander
No rate may be biased, and what one city does may not move what is said of the others. Where towns wander unevenly one c
is only an approximation: this is reported, without a limit.

{table(head, rows)}
"""


def _intervals(results: Results) -> str:
    rows = []
    for name, t in results.found.items():
        held = limits_by_name(name, results)
        cells = [
            cell(t.total("interval", of, least), held.get(f"interval of {of}s, {least} and more expected"))
            for of in ("rate", "relative") for least in ("20", "500")
        ]  # fmt: skip
        bias = [t.total("rate over truth", start) for start in t.names("rate over truth")]
        inside = all(held[f"rate over truth, from {start} expected"].held for start in t.names("rate over truth"))
        rows.append(
            [KINDS[name].title, *cells, marked(" / ".join(f"{(s.value - 1) * 100:+.2f} %" for s in bias), inside)]
        )
    head = ("world", "rates, 20 expected and more (94 to 98 %)", "500 and more (93 to 98 %)",
            "relative rates, 20 and more (94 to 98 %)", "500 and more (93 to 98 %)",
            "rates over the truth, on average")  # fmt: skip
    return f"""## Intervals
How often the 95 % interval holds the truth: of a rate per 1,000, and of a relative rate.

{table(head, rows)}
"""


def _wander(results: Results) -> str:
    rows = []
    for name, t in results.found.items():
        cells = []
        for length in ("12", "1"):
            for base in ("157", "10"):
                c, true = (t.total(measure, length, base).value for measure in ("c", "true c"))
                cells.append(f"{c**0.5 * 100:.1f} % ({true**0.5 * 100:.1f} %)")
        rows.append([KINDS[name].title, *cells])
    head = ("world", "a year, 157 per 1,000", "a year, 10", "a month, 157", "a month, 10")
    return f"""## How much counts wander, as it is learned
The square root of the mean c, beside the true one, which is taken as 2 % where it is less. That of a total is less than
that of its kinds, for these wander each by itself.

{table(head, rows)}
"""


def _not_held(results: Results) -> str:
    found = limits(results.found)
    rows = []
    for limit in found:
        if not limit.held:
            asked = [f"at least {percent(limit.least)}"] if limit.least is not None else []
            asked += [f"at most {percent(limit.most)}"] if limit.most is not None else []
            reason = next((why for key, why in REASONS.items() if _matches(key, limit)), "not found out")
            rows.append([KINDS[limit.kind].title, limit.what, " and ".join(asked), _found(limit), reason])
    asked_of = f"Of {len(found)} limits {len(found) - len(rows)} are held."
    if not rows:
        return f"## Limits that are not held\n{asked_of}\n"
    return f"""## Limits that are not held
{asked_of} The others:

{table(("world", "what", "asked", "found", "why"), rows)}
"""


def _found(limit: Limit) -> str:
    return in_words(limit.share) if limit.most == 0 else percent(limit.share.value)


def _matches(key: str, limit: Limit) -> bool:
    kinds, what = key.split(": ", 1)
    return limit.kind in kinds.split(" ") and limit.what.startswith(what)
