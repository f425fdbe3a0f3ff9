"""k over place and time: how exactly each published row says when (docs/rows.md, "How exactly: time").

coarsened          a block of rows that is published for the first time, each with the time that it may say
complete_periods   the quarters and years whose months are all there: what `coarsened` asks for
choose_levels      how exactly each place says its times
measure_classes    the published rows, measured anew; `require_classes` refuses them
hour_by_weekday    the pattern of the week, by year, without dates
"""

from candor.privacy.times.choice import choose_levels
from candor.privacy.times.coarsen import Coarsened, coarsened
from candor.privacy.times.gate import Classes, measure_classes, require_classes
from candor.privacy.times.periods import LEVELS, complete_periods, start
from candor.privacy.times.report import TimeReport
from candor.privacy.times.week import hour_by_weekday

__all__ = [
    "LEVELS",
    "Classes",
    "Coarsened",
    "TimeReport",
    "choose_levels",
    "coarsened",
    "complete_periods",
    "hour_by_weekday",
    "measure_classes",
    "require_classes",
    "start",
]
