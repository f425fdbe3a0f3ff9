"""How well the rows of a data set hide one another, in words."""

from __future__ import annotations

from collections.abc import Sequence

from candor.messages.words import about, listed, number
from candor.store.dataset_model import Anonymity, DatasetVersion


def alike_sentences(version: DatasetVersion) -> tuple[str, ...]:
    """What was measured of the rows and what is promised, a sentence or two each; nothing where nothing was measured.

    A promise and a measure are never said alike: without a declared k, that the rows stand alone is said plainly.
    """
    found = version.anonymity
    if found is None or not found.rows:
        return ()
    labels = {c.name: c.label for c in version.columns}
    columns = listed([labels[name] for name in found.quasi])
    said = [_promise(found, columns), _smallest(found)]
    said += [
        f"Among rows that are alike there {'is' if values == 1 else 'are'} at least {number(values)} different"
        f" {'value' if values == 1 else 'values'} of {labels[name]}."
        for name, values in found.l.items()
    ]
    said.append(_risk(found))
    if found.not_measured:
        left = listed([labels[name] for name in found.not_measured])
        said.append(f"{left} {'is' if len(found.not_measured) == 1 else 'are'} published as well and not counted here.")
    said.append("Rows are counted, not persons: one person may be in several rows, and a row may be about nobody.")
    return tuple(said)


def alike_words(datasets: Sequence[DatasetVersion]) -> list[dict[str, str]]:
    """The same in a line of a table for each data set that was measured."""
    return [
        {
            "title": d.title,
            "rows": number(d.anonymity.rows),
            "k": number(d.anonymity.k),
            "below": f"{number(d.anonymity.below)} in groups of under {number(d.anonymity.asked_k)}",
            "promised": f"k = {number(d.anonymity.asked_k)}" if d.anonymity.promised else "nothing",
        }
        for d in datasets
        if d.anonymity is not None and d.anonymity.rows
    ]


def _promise(found: Anonymity, columns: str) -> str:
    if not found.promised:
        return f"No number of rows that are alike is promised. Measured over {columns}, this is how alike they are."
    diverse = f", with {number(found.asked_l)} different values of each column named below" if found.asked_l > 1 else ""
    return (
        f"Every row has to be like at least {number(found.asked_k - 1)} others in {columns}{diverse}."
        " A release with a row that is not is refused."
    )


def _risk(found: Anonymity) -> str:
    who = "Who knows these facts of a person, and knows that the person is in the data,"
    mean = f"1 in {about(1 / found.risk_mean)}"
    if found.k == 1:
        return f"{who} may find the only row that fits; on average the chance to pick the right row is {mean}."
    return f"{who} picks the right row with a chance of 1 in {number(found.k)} at most, and of {mean} on average."


def _smallest(found: Anonymity) -> str:
    rows = "row" if found.k == 1 else "rows"
    said = f"The smallest group of rows that are alike has {number(found.k)} {rows} (k = {number(found.k)})"
    if not found.below:
        return said + "."
    share = f"{found.share_below * 100:.1f}\N{NO-BREAK SPACE}%"
    return (
        f"{said}; {number(found.below)} of {number(found.rows)} rows ({share}) are in groups of fewer than"
        f" {number(found.asked_k)}."
    )
