"""What stands in a page's markup beside its drawings."""

from __future__ import annotations

import json

from markupsafe import Markup


def _script_escapes() -> dict[int, str]:
    """Characters that could end a `<script>` or open a comment in it, as JSON escapes."""
    return {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def script_json(value: object) -> Markup:
    """JSON that is safe inside `<script type="application/json">`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_script_escapes()))  # noqa: S704 - every character that HTML could read is escaped
