"""Text in scripts that put no spaces between words, made findable by any part of it.

FTS5's tokenizer takes a whole run of Chinese, Japanese or Thai for one word. So such passages have
a second index, `spaced_index`, of their text with every character of these scripts as a word of its
own; a part of a run is then a phrase. Korean is among them, for its endings are glued to the words.
Passages in other scripts have no row in it, and cost nothing.
Invariant: a passage has a row if and only if `is_unspaced` says so (`doctor` looks).
"""

from __future__ import annotations

import re
import unicodedata

RANGES = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uffdc"
    "\U00020000-\U0003ffff"
)
"""Thai, Lao, Tibetan, Burmese, Korean, Khmer, Japanese, Chinese; also as SQLite's GLOB reads it."""

_HAS = re.compile(f"[{RANGES}]")
_RUN = re.compile(f"[{RANGES}]+")
_CHARACTER = re.compile(f"([{RANGES}])")
_WORD = re.compile(rf"[{RANGES}]|[^\W_]+")
_BETWEEN = re.compile(rf"[^\w\s{RANGES}]+")
_WALL = " \ue000 "
"""A word that no query holds: two runs with a comma between them are not one."""
LONGEST_WHOLE = 4
"""A longer run of a query is no word but a sentence, and is looked up in pieces."""
_PIECE_ALPHABETIC = 4
_PIECE = 2
"""Two Chinese or Japanese characters are about a word; in an alphabet it takes more."""
_ALPHABETIC = re.compile("[\u0e00-\u109f\u1780-\u17ff]")


def is_unspaced(text: str) -> bool:
    """Whether any character, as it is written, is of a script without spaces between words."""
    return _HAS.search(text) is not None


def spaced(text: str) -> str:
    """Return text as `spaced_index` holds it: each such character a word, others as they are."""
    plain = unicodedata.normalize("NFKC", text)
    return _CHARACTER.sub(r" \1 ", _BETWEEN.sub(_WALL, plain))


def pieces(word: str) -> list[str]:
    """Return FTS5 phrases for `spaced_index` of what a query's word holds in such scripts.

    A short run is one phrase, a long one overlapping pieces, for nobody types a whole sentence to
    find it again word for word.
    """
    if not is_unspaced(word):
        return []  # nor would a text of such a sign be in the index
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", word)):
        length = len(run)
        if length > LONGEST_WHOLE:
            length = _PIECE_ALPHABETIC if _ALPHABETIC.search(run) else _PIECE
        for start in range(len(run) - length + 1):
            found.append(phrase(run[start : start + length]))
    return list(dict.fromkeys(found))


def phrase(text: str) -> str:
    """Return text as one FTS5 phrase of `spaced_index`; empty where it has no character."""
    words = _WORD.findall(spaced(text))
    return '"' + " ".join(words) + '"' if words else ""
