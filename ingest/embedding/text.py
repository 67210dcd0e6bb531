"""Text as the tokenizers can take it."""

from __future__ import annotations


def well_formed(text: str) -> str:
    """Return the text with surrogate pairs joined and lone surrogates as U+FFFD.

    Such text comes out of JSON (`"\\\\ud83d"`) and can't be encoded; tokenizers refuse it.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
