"""A place beside the state, in words: what its rate would bring, the verdict, the smoothed rate and its certainty."""

from __future__ import annotations

from typing import Final

from candor.messages.layers import CALLS, Layer
from candor.messages.told import number_words
from candor.messages.words import about, decimal, percent
from candor.published.model import Figure

_VERDICTS: Final = {
    "higher": "that is higher than expected",
    "perhaps higher": "that is perhaps higher than expected, though not surely",
    "as expected": "that is as expected",
    "perhaps lower": "that is perhaps lower than expected, though not surely",
    "lower": "that is lower than expected",
}

COMPARISON_WORDS: Final = {
    "": "Not compared",
    "too few to compare": "Too few to compare",
    "lower": "Lower than expected",
    "perhaps lower": "Perhaps lower than expected",
    "as expected": "As expected",
    "perhaps higher": "Perhaps higher than expected",
    "higher": "Higher than expected",
    "provisional": "Not fully reported, so not compared",
}
"""The verdicts as a table says them."""

COMPARISON_METHOD: Final = (
    "Expected is what the whole state’s rate would bring to a place with as many residents. A count is called higher or"
    " lower where it lies beyond the 99.8\N{NO-BREAK SPACE}% limits of chance, and perhaps so beyond the"
    " 95\N{NO-BREAK SPACE}% limits; both are widened where towns differ more than chance alone would make them."
    " Where fewer than 5 are expected nothing is compared."
)


def comparison(figure: Figure, layer: Layer = CALLS) -> str:
    """The verdict with what it rests on; nothing where the figure is compared with nothing."""
    if figure.comparison == "provisional":
        return "The period is not over, or not every month of it is reported, so it is not compared with the state."
    if figure.count is None or figure.expected is None:
        return ""
    would = f"the state’s rate would bring about {about(figure.expected)}"
    if figure.comparison == "too few to compare":
        return f"That is too few to compare: {would} {layer.many} to a place of its size."
    if figure.comparison not in _VERDICTS:
        return ""
    count = f"{number_words(figure)} {layer.noun(figure.count)}"
    return f"For a place of its size {_VERDICTS[figure.comparison]}: {count} where {would}."


def smoothed(figure: Figure) -> str:
    """How the rate stands to the state's once chance is allowed for, and how sure that is."""
    low, high = figure.smoothed_low, figure.smoothed_high
    if low is None or high is None:
        return ""
    if low == high:
        return (
            "Towns differ in this no more than chance alone brings, so the best estimate for each is the state’s own"
            " rate."
        )
    text = f"Allowing for chance, its rate is likely {times(low, high)} the state’s."
    if figure.p_higher is None or figure.comparison == "too few to compare":
        return text
    text += f" The chance that it is truly above the state’s is {_chance(figure.p_higher)}."
    # The verdict allows for how much towns differ from each other, the interval does not.
    if figure.comparison == "as expected" and not low <= 1 <= high:
        text += " Many towns differ from the state by as much, so that alone is not remarkable."
    if figure.comparison.startswith("perhaps") and not _UNSURE[0] <= figure.p_higher <= _UNSURE[1]:
        text += " But towns differ widely in this, so more than “perhaps” cannot be said."
    return text


def times(low: float, high: float) -> str:
    """Limits of a ratio: "1.2 to 1.5 times", "about 1.0 times" where both read alike."""
    first, second = decimal(low), decimal(high)
    return f"about {first} times" if first == second else f"{first} to {second} times"


_UNSURE: Final = (0.005, 0.995)
"""Between these a probability is said as a whole percentage."""


def _chance(p: float) -> str:
    if p > _UNSURE[1]:
        return f"over {percent(0.99)}"
    return f"under {percent(0.01)}" if p < _UNSURE[0] else percent(p)
