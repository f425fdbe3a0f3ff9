"""The figures of some categories, read out of the arrays that hold them (`cube_arrays.py`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from candor.published.cube_arrays import CubeArrays
from candor.published.cube_columns import UNDER, Line
from candor.published.model import NO_CHANGE, NO_RATIO, Change, Figure, Ratio
from candor.vocabulary.comparison import DIFFERENCES, USUAL


class Cube:
    """The figures that some filled arrays hold: those of all places, and those of one."""

    def __init__(self, arrays: CubeArrays) -> None:
        self.periods, self.categories, self.initiators = arrays.periods, arrays.categories, arrays.initiators
        self.has = arrays.has
        self._arrays = arrays

    def told(self, category: str) -> dict[str, int]:
        """Of each period, of how many places a figure is told, under 5 among them."""
        cells = self._arrays.cells(self.periods, [category], self.initiators)[:, 0]
        known = (self._arrays.codes("coverage", cells) >= UNDER).any(axis=1).sum(axis=1)
        return dict(zip(self.periods, known.tolist(), strict=True))

    def column(self, period: str, category: str, initiated_by: str) -> list[Figure]:
        """The figures of every place, in order."""
        return self._figures([period], [category], initiated_by)

    def against(
        self, period: str, category: str, initiated_by: str
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """What is expected of every place, and how many times that it has; NaN where it is compared with nothing."""
        arrays, cells = self._arrays, self._arrays.cells([period], [category], [initiated_by]).ravel()
        expected, ratio = arrays.numbers("expected", cells), arrays.numbers("relative_rate", cells)
        # Under ten events a ratio is not published; where the period itself is compared it is that of the two counts.
        own = arrays.codes("compared_over", cells) == 0
        with np.errstate(divide="ignore", invalid="ignore"):
            plain = np.where(own, arrays.counts(cells) / expected, np.nan)
        return expected, np.where(np.isnan(ratio), plain, ratio)

    def comparisons(self, period: str, category: str, initiated_by: str) -> list[str]:
        """How every place compares, in order."""
        cells = self._arrays.cells([period], [category], [initiated_by]).ravel()
        return [DIFFERENCES[code] for code in self._arrays.codes("comparison", cells).tolist()]

    def pick(
        self, places: Sequence[str], periods: Sequence[str], categories: Sequence[str], initiated_by: str
    ) -> list[Figure]:
        """The figures of all combinations, of which only one of the three may be several."""
        return self._figures(periods, categories, initiated_by, places)

    def _figures(
        self,
        periods: Sequence[str],
        categories: Sequence[str],
        initiated_by: str,
        places: Sequence[str] | None = None,
    ) -> list[Figure]:
        cells = self._arrays.cells(periods, categories, [initiated_by], places)
        return [self._figure(line) for line in self._arrays.lines(cells.ravel())]

    def _figure(self, line: Line) -> Figure:
        words, of = line.words, line.numbers
        rate, smoothed = of["rate"], of["smoothed"]
        usual_low, usual_high, usual_code = of["usual_low"]
        *similar_numbers, similar_code = of["similar_rate"]
        similar = DIFFERENCES[int(similar_code or 0)]
        own = {name: texts[line.place] for name, texts in self._arrays.place_words.items()}
        return Figure(
            coverage=words["coverage"],
            count=line.counted,
            parts=line.parts,
            residents=line.residents,
            months_reported=line.months,
            rate=rate[0],
            low=rate[1],
            high=rate[2],
            note=words["note"],
            towns_reported=line.towns,
            provisional=line.provisional,
            persons=line.persons,
            denominator=own["denominator"],
            expected=of["expected"][0],
            beside=_ratio(of["relative_rate"], words["comparison"]),
            over=own["compared_over"] if words["compared_over"] else "",
            among=words["among_towns"],
            most_towns=line.most_towns,
            smoothed=smoothed[0],
            smoothed_low=smoothed[1],
            smoothed_high=smoothed[2],
            similar=_ratio(similar_numbers, similar),
            similar_to=own["similar_to"] if similar else "",
            change=_change(of["year_change_ratio"], words["year_change"], int(of["year_change_months"][0] or 0)),
            usual=USUAL[int(usual_code or 0)],
            usual_counts=None if usual_low is None or usual_high is None else (int(usual_low), int(usual_high)),
            wander=line.wander,
            wander_from=line.wander_from,
            least=line.least,
            most=line.most,
            on=line.on if words["coverage"] == "not yet" else None,
        )


def _ratio(numbers: Sequence[float | None], label: str) -> Ratio:
    value, low, high = numbers
    return Ratio(value, low, high, label) if label else NO_RATIO


def _change(numbers: Sequence[float | None], verdict: str, months: int) -> Change:
    ratio, low, high = numbers
    return Change(ratio, low, high, verdict, months) if verdict else NO_CHANGE
