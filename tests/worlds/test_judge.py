"""The limits of METHODS in a few worlds, and that what breaks a limit is found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from tests.worlds.conftest import EACH, SEED
from worlds.fast import Figures
from worlds.kinds import KINDS
from worlds.limits import Limit, limits, limits_of
from worlds.many import examine, examine_all
from worlds.states import vermont
from worlds.tally import Share, Tallies

from candor.measures.changes import Changes
from candor.measures.standing import Standing
from candor.vocabulary.comparison import ANSWERED, CHANGES, DIFFERENCES, PLACES
from worlds import judge

LOOSE = ("told", "true of", "interval", "planted", "others that")
"""Limits that three worlds have too few towns to show to the point."""


def test_a_few_worlds_hold_the_limits(found: Mapping[str, Tallies]) -> None:
    for limit in limits(found):
        outside = max((limit.least or 0) - limit.share.value, limit.share.value - (limit.most or np.inf))
        few = limit.what.startswith(LOOSE) and outside < 0.02
        assert limit.held or few or limit.what.startswith("growth told"), limit
    assert found["null"].total("sure").of > 20_000
    assert found["null"].total("any false change").of == EACH
    assert found["planted"].total("planted found").of > 500


def test_where_towns_are_alike_none_is_among_a_tenth(found: Mapping[str, Tallies]) -> None:
    assert [found[kind].total("among the tenth").hits for kind in ("null", "wander", "gaps")] == [0, 0, 0]
    assert found["differ"].total("among the tenth").hits > 1_000


@pytest.fixture
def figures() -> Figures:
    return Figures(KINDS["wander"].draw(vermont(), SEED))


def spoilt(figures: Figures, label: str) -> Standing:
    """All towns that are compared are told the same."""
    stands = figures.standing(figures.learned)
    answered = judge.is_(stands, *ANSWERED)
    labels = np.where(answered, DIFFERENCES.index(label), stands.difference.label).astype(np.int8)
    return replace(stands, difference=stands.difference._replace(label=labels))


def test_where_every_town_is_told_higher_the_limits_are_broken(
    figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    shout, whisper = spoilt(figures, "higher"), spoilt(figures, "probably higher")
    monkeypatch.setattr(Figures, "standing", lambda *_: shout)
    broken = {limit.what for limit in limits_of(figures.world.kind, judge.judge(figures.world)) if not limit.held}
    assert broken == {"higher or lower"}
    monkeypatch.setattr(Figures, "standing", lambda *_: whisper)
    broken = {limit.what for limit in limits_of(figures.world.kind, judge.judge(figures.world)) if not limit.held}
    assert broken == {"probably"}


def test_one_change_that_is_told_counts_its_family_and_its_world(
    figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = figures.changes(figures.learned)
    verdict = changes.verdict.copy()
    verdict[figures.series.levels.index("all"), 0, figures.last_year, 100] = CHANGES.index("down")
    once = Changes(changes.ratio, changes.lower, changes.upper, verdict, changes.months)
    monkeypatch.setattr(Figures, "changes", lambda *_: once)
    told = judge.judge(figures.world)
    assert told.total("false change", "totals of a year") == (1, 1)
    assert told.total("any false change") == (1, 1)
    assert told.total("false change", "kinds of a month") == (0, 1)


def test_intervals_that_are_too_narrow_are_found_out(figures: Figures, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of an interval at 95 % holds the truth about 67 times in 100."""
    rate, low, high = figures.rates()
    half = rate - (rate - low) / 2, rate + (high - rate) / 2
    monkeypatch.setattr(Figures, "rates", lambda _: (rate, *half))
    share = judge.judge(figures.world).total("interval", "rate", "20")
    assert share.of > 5_000
    assert share.value == pytest.approx(0.67, abs=0.03)


def test_rates_that_are_biased_are_found_out(figures: Figures, monkeypatch: pytest.MonkeyPatch) -> None:
    rate, low, high = figures.rates()
    monkeypatch.setattr(Figures, "rates", lambda _: (rate * 1.03, low, high))
    broken = [limit.what for limit in limits_of(figures.world.kind, judge.judge(figures.world)) if not limit.held]
    assert [what for what in broken if what.startswith("rate over truth")]


def test_wander_that_is_not_seen_breaks_the_limit_that_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    """With c at its least, 2 %, towns that wander by 15 % a year are told higher or lower by chance."""
    kind = replace(KINDS["wander"], wander=0.15**2)
    figures = Figures(kind.draw(vermont(), SEED))
    blind = Figures(KINDS["null"].draw(vermont(), SEED)).truly
    monkeypatch.setattr(Figures, "learned", blind)
    limit = next(limit for limit in limits_of(kind, judge.judge(figures.world)) if limit.what == "higher or lower")
    assert not limit.held
    assert limit.share.value > 0.05


def test_a_limit_has_two_ends_and_asks_nothing_of_nothing() -> None:
    assert Limit("null", "", Share(5, 1000), most=0.005).held
    assert not Limit("null", "", Share(6, 1000), most=0.005).held
    assert not Limit("null", "", Share(985, 1000), least=0.94, most=0.98).held
    assert not Limit("null", "", Share(93, 100), least=0.94, most=0.98).held
    assert Limit("null", "", Share(0, 0), least=0.9).held


@pytest.mark.parametrize("place", ["among the tenth with the highest rates", "among the tenth with the lowest rates"])
def test_a_town_is_truly_among_the_tenth_where_at_most_a_tenth_is_further_out(place: str) -> None:
    truth = np.arange(1.0, 21.0)
    said = np.full(20, PLACES.index(place))
    true = judge._truly_among_the_tenth(truth, np.ones(20, np.bool_), said)
    assert np.flatnonzero(true).tolist() == ([18, 19] if "highest" in place else [0, 1])


def test_the_same_worlds_give_the_same_counts_whatever_the_processes() -> None:
    kinds = ["fourteen", "eighty"]
    one, two = (dict(examine_all(kinds, 3, SEED, jobs)) for jobs in (1, 2))
    assert {kind: t.shares for kind, t in one.items()} == {kind: t.shares for kind, t in two.items()}
    more = examine("fourteen", 6, SEED).total("sure")
    assert more.of > one["fourteen"].total("sure").of
