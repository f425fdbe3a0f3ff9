"""/methods, /glossary, /accessibility, /about: texts in Markdown, with what the release itself says put in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import jinja2
from fastapi import APIRouter, Request
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape
from starlette.responses import Response

from candor.cards.sensitive_counts import sensitive_counts
from candor.messages.alike import alike_words
from candor.messages.coverage import coverage_meaning
from candor.messages.layers import Layer, layer_of, spoken_of
from candor.messages.privacy import (
    accepted_words,
    approval_words,
    audit_words,
    columns_withheld_words,
    protected_words,
    review_words,
    unchecked_sentence,
    under_sentence,
    withheld_words,
)
from candor.messages.release import limits, release_sentence, tells_sensitive, withheld_by_year
from candor.messages.settling import (
    EARLY_WHY,
    ONCE,
    YEARLY,
    corrected_sentence,
    late_sentences,
    next_sentences,
    rule_sentences,
    told_next,
)
from candor.messages.told import NEAREST_MEANS, NO_SUM, UNDER_MEANS
from candor.messages.words import number
from candor.profiles.profile import Profile
from candor.published.coming import told_on
from candor.published.release import Published
from candor.published.search import slug
from candor.site.contexts import Crumb, NavKey
from candor.site.http.answers import get, published
from candor.site.http.view import page
from candor.store.model import PublicCategory, Release

router = APIRouter(include_in_schema=False)


@get(router, "/methods")
def methods(request: Request) -> Response:
    """How figures are made, and what is withheld."""
    return _text(request, "methods", "Methods", "methods")


@get(router, "/glossary")
def glossary(request: Request) -> Response:
    """The words, never interchanged."""
    return _text(request, "glossary", "Glossary", "")


@get(router, "/privacy")
def privacy(request: Request) -> Response:
    """What is removed, by which rule, and what the audit of the release found."""
    return _text(request, "privacy", "Privacy", "")


@get(router, "/accessibility")
def accessibility(request: Request) -> Response:
    """How the site can be used, and whom to tell where it cannot."""
    return _text(request, "accessibility", "Accessibility", "")


@get(router, "/about")
def about(request: Request) -> Response:
    """Who publishes, what, and with which program."""
    return _text(request, "about", "About", "about")


def _text(request: Request, name: str, title: str, current: NavKey) -> Response:
    held = published(request)
    return page(
        request,
        "text.html",
        held,
        title=title,
        current=current,
        crumbs=(Crumb("Home", "/"), Crumb(title)),
        body=_rendered(name, held),
    )


def _privacy(held: Published) -> dict[str, object]:
    """What only the page on privacy says: what is told in this release, how and when, and who approved what."""
    release = held.release
    kinds = sensitive_counts(held)
    return {
        "protected": protected_words(_protected(release), _besides(release)),
        "kinds": kinds,
        "under": under_sentence(sum(k.numbers for k in kinds), sum(k.under for k in kinds)),
        "rounded_means": (UNDER_MEANS, NEAREST_MEANS, NO_SUM),
        "rules": rule_sentences(release),
        "once": (ONCE, YEARLY),
        "early_why": spoken_of(EARLY_WHY, layer_of(release.monthly)),
        "coming": (*next_sentences(release), *told_next(told_on(held.tables, release, "state"))),
        "late": late_sentences(release.coverage),
        "corrected": corrected_sentence(release),
        "withheld_by_year": withheld_by_year(release),
        "columns": columns_withheld_words(release.datasets),
        "approvals": approval_words(release.datasets),
        "reviews": review_words(release),
        "accepted": accepted_words(release.datasets),
        "unchecked": unchecked_sentence(release.datasets),
    }


def _protected(release: Release) -> list[PublicCategory]:
    # What comes as counts has no records of its own, open or not: only the sensitive kinds are protected.
    return [c for p in release.profiles for c in release.kinds(p.name) if p.monthly or c.sensitivity == "sensitive"]


def _besides(release: Release) -> dict[str, str]:
    return {p.name: p.words.many for p in _others(release)}


def _others(release: Release) -> list[Profile]:
    """The profiles beside the one of which the site speaks first."""
    return [p for p in release.profiles if p.name != release.monthly.name]


def _rendered(name: str, held: Published) -> Markup:
    """The text with the release's own values, as HTML. Markup in values and text is shown, never obeyed."""
    release = held.release
    layer = layer_of(release.monthly)
    text = _template(name, layer).render(
        layer=layer,
        portal=release.portal,
        grouped=release.portal.nouns is None or bool(release.portal.nouns.groups),
        present=next((d for d in release.portal.denominators if d.name == release.portal.rates_by), None),
        release=release,
        settling=release.settling,
        release_words=release_sentence(release),
        sensitive=[c for c in release.kinds() if c.sensitivity == "sensitive"],
        besides=[p.words.many for p in _others(release) if p.name in held.layers],
        categories=release.kinds(),
        groups=held.groups,
        coverage=release.coverage,
        coverage_meaning=coverage_meaning(layer),
        rates=release.dataset(release.monthly.tables.figures),
        counts=release.dataset(release.monthly.tables.counts),
        audit=audit_words(release.audit),
        withheld=withheld_words(release),
        alike=alike_words(release.datasets),
        limits=limits(counted=held.figures is not None, layer=layer, sensitive=tells_sensitive(held.release)),
        tells_sensitive=tells_sensitive(held.release),
        **(_privacy(held) if name == "privacy" else {}),
    )
    return Markup(_markdown().render(text))  # noqa: S704 - the renderer escapes all HTML in the text


@cache
def _template(name: str, layer: Layer) -> jinja2.Template:
    """The text, written of calls, as it is said of the events of a profile."""
    environment = jinja2.Environment(
        autoescape=False,  # noqa: S701 - what it gives is Markdown, whose renderer escapes HTML
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"md": _escaped, "number": number, "lower_first": _lower_first}
    text = files("candor.site").joinpath("content", f"{name}.md").read_text("utf-8")
    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", text)  # what the template does, and what it says
    said = (part if part.startswith(("{{", "{%")) else spoken_of(part, layer) for part in parts)
    return environment.from_string("".join(said))


def _escaped(text: str) -> str:
    """A value as Markdown that says just this."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", text)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.add_render_rule("heading_open", _heading)
    markdown.add_render_rule("table_open", _table)
    markdown.add_render_rule("table_close", _table_end)
    return markdown


def _heading(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    """A heading with an id made of its words, so that a link can lead to it."""
    tokens[at].attrSet("id", slug(tokens[at + 1].content))
    return renderer.renderToken(tokens, at, options, env)


def _table(_self: object, tokens: Sequence[Token], at: int, _options: object, _env: object) -> str:
    """A table in a frame of its own that scrolls, by keyboard too; it is named after the heading above it."""
    above = next((i for i in range(at, -1, -1) if tokens[i].type == "heading_open"), None)
    name = escape(tokens[above + 1].content if above is not None else "Table")
    return f'<div class="table-scroll" role="region" aria-label="{name}" tabindex="0">\n<table class="usa-table">\n'


def _table_end(*_call: object) -> str:
    return "</table>\n</div>\n"
