"""The front end's built files: which tags a page needs, and what the templates are given.

Vite writes hashed files and a manifest into `static/`; the wheel holds them. Nothing here runs Node.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from candor.errors import DataError
from candor.graphics.palette import PATTERNS
from candor.messages import formats as filters
from candor.published.search import slug

STATIC = Path(__file__).parent.parent / "static"
"""Where the build puts the front end; served at `URL`."""

URL = "/static/"


class _Chunk(BaseModel):
    """A file of Vite's manifest, with what it pulls in."""

    model_config = ConfigDict(extra="ignore")

    file: str
    css: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    is_entry: bool = Field(default=False, alias="isEntry")
    assets: tuple[str, ...] = ()


_MANIFEST = TypeAdapter(dict[str, _Chunk])


class Assets:
    """The tags of the front end's entries (`site` on every page, `map` on the map).

    Raises `DataError` where the front end has not been built, or has no such entry.
    """

    def __init__(self, static: Path = STATIC) -> None:
        manifest = static / ".vite" / "manifest.json"
        try:
            chunks = _MANIFEST.validate_json(manifest.read_bytes())
        except FileNotFoundError:
            raise DataError(
                f"the front end is not built: no {manifest.name} in {manifest.parent}",
                remedy="Run `make frontend` in a checkout; a wheel made by `make wheel` has it inside.",
            ) from None
        self._static = static
        self._chunks = chunks
        self._entries = {Path(source).stem: source for source, chunk in chunks.items() if chunk.is_entry}
        self._tags: dict[tuple[str, str], Markup] = {}

    def css(self, entry: str) -> Markup:
        """The style sheets of an entry as `<link>` tags."""
        if ("css", entry) not in self._tags:
            files = dict.fromkeys(css for chunk in self._closure(entry) for css in chunk.css)
            self._tags["css", entry] = Markup("").join(
                Markup('<link rel="stylesheet" href="{}">').format(URL + file) for file in files
            )
        return self._tags["css", entry]

    def stylesheet(self, entry: str) -> str:
        """The text of an entry's style sheets, as built."""
        files = dict.fromkeys(css for chunk in self._closure(entry) for css in chunk.css)
        return "\n".join((self._static / file).read_text("utf-8") for file in files)

    def js(self, entry: str) -> Markup:
        """The script of an entry as a module `<script>`, with what it imports fetched at once."""
        if ("js", entry) not in self._tags:
            first, *others = self._closure(entry)
            preloads = [Markup('<link rel="modulepreload" href="{}">').format(URL + chunk.file) for chunk in others]
            script = Markup('<script type="module" src="{}"></script>').format(URL + first.file)
            self._tags["js", entry] = Markup("").join([*preloads, script])
        return self._tags["js", entry]

    def url(self, entry: str) -> str:
        """The address of an entry's script, for what starts it itself (a worker)."""
        return URL + self._closure(entry)[0].file

    def fonts(self, entry: str) -> Markup:
        """Preloads of the Latin fonts, which every page shows at once."""
        files = [a for c in self._closure(entry) for a in c.assets if a.endswith(".woff2") and ".latin" in a]
        tag = Markup('<link rel="preload" as="font" type="font/woff2" crossorigin href="{}">')
        return Markup("").join(tag.format(URL + file) for file in files)

    def _closure(self, entry: str) -> list[_Chunk]:
        """The entry's chunk and every chunk that it imports, each once, the entry first."""
        if entry not in self._entries:
            known = ", ".join(sorted(self._entries)) or "none"
            raise DataError(f"the front end has no entry {entry!r}", known, "Name one of them in the template.")
        found: dict[str, _Chunk] = {}
        waiting = [self._entries[entry]]
        while waiting:
            source = waiting.pop(0)
            if source not in found:
                found[source] = self._chunks[source]
                waiting.extend(found[source].imports)
        return list(found.values())


@cache
def install(environment: jinja2.Environment, assets: Assets) -> None:
    """Give the templates what `contexts.py` promises them."""
    environment.globals.update(
        asset_css=assets.css,
        asset_js=assets.js,
        asset_url=assets.url,
        asset_fonts=assets.fonts,
        pattern_defs=PATTERNS,
    )
    environment.filters.update(
        number=filters.number, day=filters.day, month=filters.month, plural=filters.plural, slug=slug
    )
