"""What the audit finds, and what it lets pass, in folders made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.audit.folder import KIND, Figure, Said, and_then, day, geoid, public, told, true, usual

from candor.audit import Public, Remembered, admitted, attack, audit_release, require_passed, rollback_gate
from candor.errors import DataError
from candor.solver.linear import UnfinishedError
from candor.store.model import AuditCertificate

# Three parts of every sum: of two, rounded each on its own, a sum can leave two values.
COUNTIES = ("East", "East", "East", "North", "North", "North", "West", "West", "West")
YEAR = Figure("county", "East", 0, 11)


def everywhere(months: int = 12) -> np.ndarray:
    return np.ones((len(COUNTIES), months), np.bool_)


def honest(seed: int = 3, mean: float = 8.0, months: int = 12, **more: object) -> Said:
    """A release as the rule has it, of nine towns."""
    reported = everywhere(months)
    counts = np.random.default_rng(seed).poisson(mean, reported.shape)
    lines = told(counts, reported, COUNTIES, usual(reported, COUNTIES))
    return Said(reported, COUNTIES, {KIND: lines}, **more)  # type: ignore[arg-type]


def refused(public_: Public) -> str:
    with pytest.raises(DataError) as error:
        require_passed(audit_release(public_, 60))
    return str(error.value)


def test_an_honest_release_passes_with_its_certificate(tmp_path: Path) -> None:
    release = admitted(public(tmp_path, honest()), 60)
    found = release.audit
    assert found is not None
    assert found.passed
    assert found.fewest is not None
    assert 3 <= found.fewest <= 5
    assert found.told == len(honest().told[KIND])
    assert found.attacked > found.told
    assert found.whole == found.attacked
    assert found.categories == 1
    assert AuditCertificate.model_validate_json(found.model_dump_json()) == found


def test_certificates_of_releases_that_suppressed_counts_still_load() -> None:
    old = {
        "threshold": 5, "statements": 100, "told": 80, "attacked": 20, "recovered": 1, "narrow": 2, "narrowest_low": 3,
        "narrowest_high": 3, "narrowest": [{"figure": "x", "low": 3, "high": 3}], "versions": 4, "categories": 2,
        "led_to": 5, "led_to_small": 0, "changes": 1, "changes_found": 0, "programs": 7, "seconds": 0.5,
    }  # fmt: skip
    found = AuditCertificate.model_validate(old)
    assert (found.told, found.attacked, found.exact, found.narrow, found.versions) == (80, 20, 1, 2, 4)
    assert found.found[0].low == 3
    with pytest.raises(ValueError, match="nonsense"):
        AuditCertificate.model_validate({"nonsense": 1})


def test_twelve_months_under_five_and_a_year_of_fifty_are_twelve_fours(tmp_path: Path) -> None:
    lines: dict[Figure, int | str] = {Figure("county", "East", m, m): "under 5" for m in range(12)}
    said = Said(everywhere(), COUNTIES, {KIND: {**lines, YEAR: 50}})
    found = audit_release(public(tmp_path, said), 60)
    assert not found.passed
    assert found.exact >= 13
    assert any(f.low == f.high == 4 for f in found.found)
    assert "it is 4" in refused(public(tmp_path / "again", said))
    almost = and_then(said, told={KIND: {**lines, YEAR: 45}})
    assert audit_release(public(tmp_path / "45", almost), 60).passed


def test_a_quarter_beside_small_months_tells_them(tmp_path: Path) -> None:
    """8 to 12, 8 to 12 and 0 to 4 in a quarter of 13 to 17: the months are 8 or 9, and the small one is 0 or 1."""
    lines: dict[Figure, int | str] = {
        Figure("state", "", 0, 0): 10, Figure("state", "", 1, 1): 10, Figure("state", "", 2, 2): "under 5",
        Figure("state", "", 0, 2): 15,
    }  # fmt: skip
    assert "fewer than three" in refused(public(tmp_path, Said(everywhere(), COUNTIES, {KIND: lines})))
    large: dict[Figure, int | str] = {**dict.fromkeys(lines, 10), Figure("state", "", 0, 2): 25}
    assert audit_release(public(tmp_path / "large", Said(everywhere(), COUNTIES, {KIND: large})), 60).passed


def test_two_towns_of_a_county_beside_its_year(tmp_path: Path) -> None:
    lines: dict[Figure, int | str] = {
        Figure("town", geoid(0), 0, 11): 10, Figure("town", geoid(1), 0, 11): 10, Figure("county", "East", 0, 11): 15,
    }  # fmt: skip
    said = Said(np.ones((3, 12), np.bool_), ("East", "East", "West"), {KIND: lines})
    found = audit_release(public(tmp_path, said), 60)
    assert found.narrow == 3
    assert (found.found[0].low, found.found[0].high) == (8, 9)


@pytest.mark.parametrize(("value", "words"), [(7, "says 7"), (0, "says 0"), ("zero", "says zero"), (3, "says 3")])
def test_a_figure_that_is_not_rounded_is_refused(tmp_path: Path, value: int | str, words: str) -> None:
    said = honest()
    planted = and_then(said, told={KIND: {**said.told[KIND], YEAR: value}})
    assert words in refused(public(tmp_path, planted))


def test_a_figure_told_again_differently_is_refused_unless_it_was_corrected_by_ten(tmp_path: Path) -> None:
    said = honest()
    value = said.told[KIND][YEAR]
    assert isinstance(value, int)

    def again(more: int, **words: object) -> Said:
        return and_then(said, told={KIND: {**said.told[KIND], YEAR: value + more}}, **words)

    assert "was told as" in refused(public(tmp_path / "5", said, again(5)))
    assert "was told as" in refused(public(tmp_path / "5 said", said, again(5, corrected=(YEAR,))))
    assert "was told as" in refused(public(tmp_path / "10", said, again(10)))
    in_rates = and_then(said, rates={KIND: {Figure("state", "", 0, 11): 990}})
    assert "was told as" in refused(public(tmp_path / "rates", in_rates))
    alone = and_then(said, told={KIND: {YEAR: value}})
    corrected = and_then(said, told={KIND: {YEAR: value + 10}}, corrected=(YEAR,))
    assert audit_release(public(tmp_path / "corrected", alone, corrected), 60).passed


def test_a_figure_of_an_earlier_release_binds_though_the_newest_lacks_it(tmp_path: Path) -> None:
    months: dict[Figure, int | str] = {Figure("county", "East", m, m): "under 5" for m in range(12)}
    first = Said(everywhere(), COUNTIES, {KIND: months})
    found = audit_release(public(tmp_path, first, and_then(first, told={KIND: {YEAR: 50}})), 60)
    assert found.versions == 2
    assert found.exact >= 13


def test_a_towns_years_and_their_sum_are_not_both_told(tmp_path: Path) -> None:
    said = honest(months=36)
    both = {**said.told[KIND], Figure("town", geoid(1), 0, 35): 105}
    assert "never both" in refused(public(tmp_path, and_then(said, told={KIND: both})))


@pytest.mark.parametrize(
    "figure",
    [Figure("town", geoid(0), 0, 5), Figure("town", geoid(0), 6, 17), Figure("county", "East", 0, 2),
     Figure("state", "", 1, 3), Figure("state", "", 0, 23)],
)  # fmt: skip
def test_no_other_periods_are_told(tmp_path: Path, figure: Figure) -> None:
    said = Said(everywhere(24), COUNTIES, {KIND: {figure: 10}})
    assert "A sensitive figure is told of" in refused(public(tmp_path, said))


def test_sensitive_kinds_are_in_no_other_table(tmp_path: Path) -> None:
    line = pa.table({"category": [KIND], "geoid": [geoid(0)], "calls": [10]})
    assert "early-calls has 1" in refused(public(tmp_path, honest(more={"early-calls": line})))


def test_months_of_a_kind_that_was_open_stay_and_are_known(tmp_path: Path) -> None:
    reported = everywhere(24)
    counts = np.random.default_rng(5).poisson(8.0, reported.shape)
    shown = np.where(np.arange(24) < 12, counts, -1)
    was_open = Said(reported, COUNTIES, {}, sensitive=(), also_open={KIND: shown})
    figures = [f for f in usual(reported, COUNTIES) if f.first >= 12]
    now = Said(reported, COUNTIES, {KIND: told(counts, reported, COUNTIES, figures)}, also_open={KIND: shown})
    assert audit_release(public(tmp_path / "honest", was_open, now), 60).passed
    assert "counts of sensitive categories" in refused(
        public(tmp_path / "never", and_then(was_open, also_open={}), now)
    )
    # A year in which the kind was open but for a month tells that month.
    shown = np.where(np.arange(24) < 23, counts, -1)
    was_open = Said(reported, COUNTIES, {}, sensitive=(), also_open={KIND: shown})
    sums = counts[:, 12:23].sum(axis=1)
    town = int(np.flatnonzero(sums % 5 == 1)[0])
    half, value = Figure("town", geoid(town), 12, 23), int(sums[town]) - 1
    planted = Said(reported, COUNTIES, {KIND: {half: value}}, also_open={KIND: shown})
    assert "fewer than three" in refused(public(tmp_path / "planted", was_open, planted))


def test_late_months_are_in_the_year_and_in_no_month(tmp_path: Path) -> None:
    reported = everywhere()
    counts = np.random.default_rng(6).poisson(8.0, reported.shape)
    reported[0, 4] = False
    figures = usual(reported, COUNTIES)
    lines = told(counts, reported, COUNTIES, figures)
    for figure in figures:
        if figure.last - figure.first == 11:
            lines |= told(counts, everywhere(), COUNTIES, [figure])
    own = Figure("town", geoid(0), 0, 11)
    said = Said(reported, COUNTIES, {KIND: lines}, months_reported={own: 12})
    found = audit_release(public(tmp_path, said), 60)
    assert found.passed
    assert found.apart == 0
    assert "reported months" in refused(public(tmp_path / "fewer", and_then(said, months_reported={own: 10})))


def test_a_year_that_its_months_contradict_is_read_apart(tmp_path: Path) -> None:
    said = honest(months=24)
    lines = dict(said.told[KIND])
    for figure, value in lines.items():
        if figure.first == 12 and figure.last == 23 and isinstance(value, int):
            lines[figure] = value + {"town": 10, "county": 30, "state": 90}[figure.level]
    found = audit_release(public(tmp_path, and_then(said, told={KIND: lines})), 60)
    assert found.passed
    assert found.apart == 1
    lines[Figure("state", "", 12, 23)] = 10
    assert "contradicts itself" in refused(public(tmp_path / "more", and_then(said, told={KIND: lines})))


def test_rows_that_are_not_published_bound_what_they_are_of(tmp_path: Path) -> None:
    year = Figure("state", "", 0, 11)
    said = Said(
        everywhere(), COUNTIES, {KIND: {year: 20}, "suicide": {year: 20}}, sensitive=(KIND, "suicide"),
    )  # fmt: skip
    assert audit_release(public(tmp_path / "45", and_then(said, withheld_rows={2024: 45})), 60).passed
    # 36 to 44 calls, and at most 37 rows.
    assert "fewer than three" in refused(public(tmp_path / "35", and_then(said, withheld_rows={2024: 35})))
    assert "rows are said" in refused(public(tmp_path / "37", and_then(said, withheld_rows={2024: 37})))


def test_what_old_releases_gave_away_is_counted_and_does_not_stop_new_ones(tmp_path: Path) -> None:
    old = Said(everywhere(24), COUNTIES, {KIND: {Figure("county", "East", 0, 11): 3}}, exact=True)
    new = Said(everywhere(24), COUNTIES, {KIND: {Figure("county", "East", 12, 23): 10}})
    found = audit_release(public(tmp_path, old, new), 60)
    assert found.passed
    assert found.before >= 1
    # Told again, rounded, it is still known.
    assert "sensitive-calls does not say" in refused(public(tmp_path / "old", old))
    narrowed = and_then(new, told={KIND: {Figure("county", "East", m, m): "under 5" for m in range(11)}})
    found = audit_release(public(tmp_path / "narrowed", old, narrowed), 60)
    assert found.passed


def test_an_agency_with_its_own_counts_finds_anothers(tmp_path: Path) -> None:
    """A county of two towns, 5 to 7 in January and a year of 0 to 4 in the other's town; the agency had 3, or 1."""
    reported = np.ones((2, 12), np.bool_)
    counts = np.zeros((2, 12), np.int64)
    counts[0, :] = 3
    counts[1, 0] = 4
    lines: dict[Figure, int | str] = {Figure("county", "East", m, m): "under 5" for m in range(1, 12)}
    lines |= {Figure("county", "East", 0, 0): 5, Figure("town", geoid(1), 0, 11): "under 5"}
    said = Said(reported, ("East", "East"), {KIND: lines}, agencies={"A": (0,), "B": (1,)})
    made = public(tmp_path, said)
    found = audit_release(made, 60, known(counts))
    assert found.insiders == 2
    assert found.insider_exact == 0  # 5 to 7 less 3: 2 to 4
    counts[0, 0], counts[1, 0] = 1, 4
    found = audit_release(made, 60, known(counts))
    assert found.insider_exact >= 2  # 5 to 7 less 1: 4 or more; and the town's year is under 5
    assert "B" not in {f.figure.split(", to ")[-1] for f in found.found}
    with pytest.raises(DataError, match="agencies that know their own counts"):
        admitted(made, 60, known(counts))


def test_an_attack_that_remembers_another_finds_what_it_would_find_by_itself(tmp_path: Path) -> None:
    """First all that was to be told, then less of one kind, then what agencies know is another count."""
    reported = np.ones((2, 12), np.bool_)
    counts = np.zeros((2, 12), np.int64)
    counts[0, :], counts[0, 0], counts[1, 0] = 3, 1, 4
    lines: dict[Figure, int | str] = {Figure("county", "East", m, m): "under 5" for m in range(1, 12)}
    lines |= {Figure("county", "East", 0, 0): 5, Figure("town", geoid(1), 0, 11): "under 5"}
    fewer: dict[Figure, int | str] = {f: v for f, v in lines.items() if f.level == "county"}
    agencies: dict[str, tuple[int, ...]] = {"A": (0,), "B": (1,)}
    remembered, other = Remembered(), counts.copy()
    other[0, 0] = 3
    for name, of_kind, true_ in (("all", lines, counts), ("less", fewer, counts), ("other", lines, other)):
        made = public(tmp_path / name, Said(reported, ("East", "East"), {KIND: of_kind}, agencies=agencies))
        again, alone = attack(made, 60, known(true_), remembered), attack(made, 60, known(true_))
        assert again.narrow == alone.narrow
        assert again.certificate.insider_exact == alone.certificate.insider_exact
        assert again.certificate.insider_zeros == alone.certificate.insider_zeros
        assert again.certificate.attacked == alone.certificate.attacked
        assert attack(made, 60, known(true_), remembered).narrow == alone.narrow  # asked once more


def known(counts: np.ndarray) -> pa.Table:
    at = [(t, m) for t in range(counts.shape[0]) for m in range(counts.shape[1]) if counts[t, m]]
    return pa.table(
        {
            "agency": ["AB"[t] for t, _ in at],
            "geoid": [geoid(t) for t, _ in at],
            "month": [day(m) for _, m in at],
            "category": [KIND for _ in at],
            "calls": [int(counts[at_]) for at_ in at],
        }
    )


def test_nothing_is_said_to_be_safe_after_the_deadline(tmp_path: Path) -> None:
    with pytest.raises(UnfinishedError):
        admitted(public(tmp_path, honest()), 1e-4)


def test_a_rollback_opens_no_kind_that_became_sensitive(tmp_path: Path) -> None:
    was_open = Said(everywhere(), COUNTIES, {}, sensitive=(), also_open={KIND: np.ones((9, 12), np.int64)})
    made = public(tmp_path, was_open, honest())
    gate = rollback_gate(tmp_path, whole=True)
    assert gate(made.releases).passed
    with pytest.raises(DataError, match="openly"):
        gate((*made.releases, made.releases[0].model_copy(update={"number": 3})))


def test_true_counts_are_what_the_helper_says() -> None:
    counts = np.arange(12).reshape(2, 6)
    assert true(counts, ("East", "West"), Figure("county", "West", 0, 2)) == 6 + 7 + 8
