"""What a data set declares of its rows by the cells of a column of the source: which count, which are sensitive."""

from __future__ import annotations

from pydantic import Field, model_validator

from candor.portal.declared import Declared


class WhereRule(Declared):
    """`[where.<source column>]`: which rows count, by what a cell says, whatever its capitals.

    One of the two: `keep` leaves all others out, `leave_out` these. An empty cell is `""`.
    """

    keep: tuple[str, ...] = Field(default=(), description="the cells whose rows count; all other rows are left out")
    leave_out: tuple[str, ...] = Field(default=(), description="the cells whose rows are left out, such as unfounded")

    @model_validator(mode="after")
    def _one_of_two(self) -> WhereRule:
        if bool(self.keep) == bool(self.leave_out):
            raise ValueError("either `keep` or `leave_out`, with at least one value")
        return self


class FlagRule(Declared):
    """`[flags.<source column>]`: a column in which the agency marks rows as sensitive. It is never published.

    One of the two, whatever the capitals: with `no` a cell that says anything else is a mark, so that a new one is
    taken for sensitive; with `yes` one of these is, alone or in a list of several (`MH; gang`). An empty cell is `""`,
    and so is one of those that [source] `missing` names.
    """

    about: str = Field(min_length=1, description="what it marks, in words for the public: mental health")
    no: tuple[str, ...] = Field(default=(), description="the cells that mark nothing; every other one is a mark")
    yes: tuple[str, ...] = Field(default=(), description="the cells, or parts of them, that are a mark")

    @model_validator(mode="after")
    def _one_of_two(self) -> FlagRule:
        if bool(self.no) == bool(self.yes):
            raise ValueError("either `no` or `yes`, with at least one value")
        return self
