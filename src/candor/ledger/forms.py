"""Of which years together a town has one figure of a sensitive kind: one, or three where a year would be too few."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.ledger.counted import STATE, TOGETHER, YEAR, Bools, Counted, Floats, positions
from candor.ledger.ledger import FORMS
from candor.portal.calendar import Calendar
from candor.privacy.rounding import BASE

EXPECTED_FROM = 10.0
"""The events a year from which a town has figures by year (METHODS, Protection 6)."""


def next_forms(counted: Counted, told: pa.Table, forms: pa.Table, calendar: Calendar, today: date) -> pa.Table:
    """The forms, with those of the years whose day has come since, and of the years that go with them.

    By year where that lets 10 or more be expected by the state's told rate, else by three years. At first the last year
    whose day has come is the last of three, where there are so many; from then on three years follow on three.
    """
    years = sorted({int(str(m)[:4]) for m in counted.months})
    closed = [y for y in years if calendar.is_closed(y, today)]
    if not closed:
        return forms
    until = np.full((len(counted.categories), len(counted.geoids)), -1, np.int64)
    own = forms.filter(pc.equal(forms["layer"], counted.layer))
    kind, place = positions(own["category"], counted.categories), positions(own["geoid"], counted.geoids)
    known = (kind >= 0) & (place >= 0)
    ends = own["first_year"].to_numpy() + own["years"].to_numpy() - 1
    np.maximum.at(until, (kind[known], place[known]), ends[known])
    often = _expected(counted, told) >= EXPECTED_FROM
    fresh = until < 0
    start = closed[-1] - TOGETHER + 1
    while start - TOGETHER >= closed[0]:
        start -= TOGETHER
    # Before the first three years there may be one or two more, which are not told of places that need three.
    begins = start if start >= closed[0] else closed[0]
    parts = [forms]
    for year in closed:
        of_year = np.array([str(m)[:4] == str(year) for m in counted.months])
        reported = np.asarray(counted.by_year[:, of_year].any(axis=1))
        used = np.asarray(counted.used[:, of_year].any(axis=1))
        open_ = np.asarray((until < year) & reported & used[:, None])
        by_year, together = open_ & often, open_ & ~often
        if not own.num_rows:
            together &= ~fresh | (year >= begins)
        parts += [_formed(counted, by_year, year, 1), _formed(counted, together, year, TOGETHER)]
        until = np.where(by_year, year, np.where(together, year + TOGETHER - 1, until))
    return pa.concat_tables(parts)


def _expected(counted: Counted, told: pa.Table) -> Floats:
    """How many events a year are to be expected in each town by the state's newest told rate: (C, P)."""
    state = told.filter(
        pc.and_(
            pc.and_(pc.equal(told["layer"], counted.layer), pc.equal(told["level"], STATE)),
            pc.equal(told["period_kind"], YEAR),
        )
    ).sort_by("first_month")
    rate = np.zeros(len(counted.categories))
    persons = state["person_years"].to_numpy()
    value = pc.fill_null(state["calls"], BASE // 2).to_numpy()
    kind = positions(state["category"], counted.categories)
    known = (kind >= 0) & (persons > 0)
    rate[kind[known]] = value[known] / persons[known]  # in order: the newest stands
    with np.errstate(invalid="ignore"):
        people = np.where(np.isnan(counted.persons).all(axis=1), 0.0, np.nan_to_num(counted.persons).max(axis=1))
    return np.asarray(rate[:, None] * people)


def _formed(counted: Counted, where: Bools, year: int, years: int) -> pa.Table:
    kind, place = np.nonzero(where)
    return pa.table(
        {
            "layer": pa.array([counted.layer] * kind.size, pa.string()),
            "geoid": pa.array([counted.geoids[p] for p in place], pa.string()),
            "category": pa.array([counted.categories[k] for k in kind], pa.string()),
            "first_year": pa.array(np.full(kind.size, year, np.int64)),
            "years": pa.array(np.full(kind.size, years, np.int64)),
        },
        schema=FORMS,
    )


def has_form(counted: Counted, forms: pa.Table, first: int, years: int) -> Bools:
    """Which kinds and towns have one figure of so many years from `first` on: (C, P)."""
    own = forms.filter(
        pc.and_(
            pc.equal(forms["layer"], counted.layer),
            pc.and_(pc.equal(forms["first_year"], first), pc.equal(forms["years"], years)),
        )
    )
    formed = np.zeros((len(counted.categories), len(counted.geoids)), np.bool_)
    kind, place = positions(own["category"], counted.categories), positions(own["geoid"], counted.geoids)
    known = (kind >= 0) & (place >= 0)
    formed[kind[known], place[known]] = True
    return formed
