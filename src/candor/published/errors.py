"""What a reader may be told, in plain words, and with which status. Never a stack trace, never a path.

SiteError                      every answer that is not the one asked for
├── NothingPublishedError      there is no release yet
├── NoSuchPageError            no page, town or version at that address
├── NoSuchDatasetError         no data set of that name or 4x4
├── WithdrawnError             what was here was withdrawn, for good
├── ReplacedError              what was asked for is being replaced at this moment
├── BadRequestError            a value that is not one of the allowed ones
│   ├── UnknownParameterError  a parameter that the address does not take
│   ├── NoSuchColumnError      a column that the data set does not publish
│   └── NotSupportedError      a part of SoQL that is not there yet
├── TooLargeError              a question that needs too much memory
└── TookTooLongError           a question that was stopped
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class SiteError(Exception):
    """What was found, what is allowed, what to do. `data` is added to the JSON answer."""

    found: str
    allowed: str = ""
    remedy: str = ""
    data: dict[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The whole in one line."""
        parts = [self.found, f"Allowed: {self.allowed}" if self.allowed else "", self.remedy]
        return " ".join(p if p.endswith((".", "?")) else p + "." for p in parts if p)


class NothingPublishedError(SiteError):
    """There is no release yet."""


class NoSuchPageError(SiteError):
    """Nothing is at that address."""


class NoSuchDatasetError(SiteError):
    """No data set of that name or 4x4."""


class WithdrawnError(SiteError):
    """What was here was withdrawn, for good."""


class ReplacedError(SiteError):
    """Something was withdrawn while it was being read."""


class BadRequestError(SiteError):
    """A value that cannot be served."""


class UnknownParameterError(BadRequestError):
    """A parameter that the address does not take; worded as SODA words it."""


class NoSuchColumnError(BadRequestError):
    """A column that the data set does not publish."""


class NotSupportedError(BadRequestError):
    """A part of SoQL that is not there yet."""


class TooLargeError(SiteError):
    """The question needs more memory than one question may take."""


class TookTooLongError(SiteError):
    """The question was stopped before it was answered."""


@dataclass(frozen=True)
class Kind:
    """How a class of error is answered: status, the code that programs read, the title that people read."""

    status: int
    code: str
    title: str


KINDS: dict[type[SiteError], Kind] = {
    NothingPublishedError: Kind(503, "nothing.published", "Nothing has been published yet"),
    NoSuchPageError: Kind(404, "not_found", "There is nothing at this address"),
    NoSuchDatasetError: Kind(404, "dataset.missing", "There is no such data set"),
    WithdrawnError: Kind(410, "withdrawn", "This has been withdrawn"),
    ReplacedError: Kind(503, "replaced", "This is being replaced at this moment"),
    BadRequestError: Kind(400, "invalid_request", "This address asks for something that is not here"),
    UnknownParameterError: Kind(400, "", "This address has a part that is not known"),
    NoSuchColumnError: Kind(400, "query.soql.no-such-column", "There is no such column"),
    NotSupportedError: Kind(400, "query.not-supported", "This kind of question cannot be asked yet"),
    TooLargeError: Kind(400, "query.too-large", "The question is too large"),
    TookTooLongError: Kind(408, "query.timeout", "The question took too long"),
}

STATUS_KINDS: dict[int, Kind] = {
    400: Kind(400, "invalid_request", "This request cannot be read"),
    404: Kind(404, "not_found", "There is nothing at this address"),
    405: Kind(405, "method_not_allowed", "This address can only be read"),
    500: Kind(500, "internal_error", "Something went wrong on our side"),
}

STATUS_WORDS: dict[int, str] = {
    400: "The request cannot be read. Go back and follow a link of this site.",
    404: "The address may be mistyped, or the page may have moved. The search and the list of data sets may help.",
    405: "This address answers GET and HEAD only.",
    500: "The fault has been noted for the publisher. Nothing that you did has damaged anything; try again later.",
}


def kind_of(error: SiteError) -> Kind:
    """The kind of the nearest class in the table."""
    return next(KINDS[c] for c in type(error).__mro__ if c in KINDS)


def as_json(error: SiteError) -> dict[str, object]:
    """The error as SODA's clients read it; the code stands under both names that they look for."""
    kind = kind_of(error)
    if isinstance(error, NoSuchDatasetError):
        return {"code": kind.code, "error": True, "message": "Not found", "data": error.data}
    body: dict[str, object] = {"error": True, "message": error.message}
    if kind.code:
        body = {"code": kind.code, "errorCode": kind.code, **body}
    if isinstance(error, NoSuchColumnError):
        column = error.data.get("column", "")
        body["message"] = f"Query coordinator error: {kind.code}; No such column: {column}; {error.message}"
    if error.data:
        body["data"] = error.data
    return body
