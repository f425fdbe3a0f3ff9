"""The form of what a portal's own files say in public: letters that are seen, and nothing that is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from candor.portal.load import Reading
from candor.profiles.profile import Kind
from candor.profiles.public_texts import PublicText, texts_of_dataset, texts_of_portal, texts_of_profiles
from candor.vocabulary.visible import hidden_in

_IMAGE = re.compile(r"!\[[^\]]*\]\s*[(\[]")
_HTML = re.compile(r"<(?!https?:|mailto:)[A-Za-z/!?][^<>]*>")


def check_texts(reading: Reading, kinds: Mapping[str, Kind]) -> None:
    """Report texts with characters that nobody sees, with images, and with HTML.

    An image would be fetched by whoever reads a description in another program: its owner would see who reads. What
    the source itself has so is published without such characters instead.
    """
    for text in _texts(reading, kinds):
        if text.of_source:
            continue
        if hidden := hidden_in(text.text):
            reading.report(
                text.file, text.path, f"the character {hidden}, which nobody sees", "text of letters that are seen",
                "Type the text anew: such characters come with what is copied, and hide or turn round what stands "
                "beside them.",
            )  # fmt: skip
        elif text.persons:
            continue  # a name and an address to write to, which every page shows as they stand
        elif _IMAGE.search(text.text):
            reading.report(
                text.file, text.path, "an image in Markdown", "text, and links written out",
                "Take the image out: whoever holds it would see who reads the text.",
            )  # fmt: skip
        elif _HTML.search(text.text):
            reading.report(
                text.file, text.path, "HTML", "text, and links written out",
                "Write it without marks between < and >: they would be shown as they are, or do something elsewhere.",
            )  # fmt: skip


def _texts(reading: Reading, kinds: Mapping[str, Kind]) -> Iterator[PublicText]:
    if reading.config is not None:
        yield from texts_of_portal(reading.config)
    for dataset in reading.declared.values():
        yield from texts_of_dataset(dataset, reading.root)
    yield from texts_of_profiles(kinds)
