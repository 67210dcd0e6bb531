"""Questions that lean on the one before: "and when was that?", "what about Maria?"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.answer.question import KIND_NOUNS, parse
from memassist.assistant.answer.words import word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEANING = word_set(
    """
    it its that this those these he she they him her his hers their theirs them there then one ones
    """
)
SHORT_WORDS = 2
"""A question of so many words without a name asks for more of the same: "Since when?"."""
_OPENING = re.compile(r"^\s*(?:and|but|so|or|ok(?:ay)?)\b[\s,]*", re.IGNORECASE)
_WHAT_ABOUT = re.compile(r"^\s*(?:and |but |so )?(?:what|how) about\b", re.IGNORECASE)


def resolved(question: str, earlier: Sequence[str]) -> str:
    """Return the question with what it leaves out, taken from the earlier ones, oldest first.

    One that stands on its own comes back as it is. A name in it takes the place of the earlier
    names; otherwise it is asked of them.
    """
    whole = ""
    for one in [*earlier, question]:
        whole = _with_earlier(one, whole) if whole else one
    return whole


def _with_earlier(question: str, before: str) -> str:
    asked, known = parse(question), parse(before)
    words = {word.surface.casefold() for word in (*asked.content, *asked.names)}
    is_leaning = not _LEANING.isdisjoint(re.findall(r"[a-z]+", question.casefold()))
    is_short = not asked.names and (not asked.content or len(question.split()) <= SHORT_WORDS)
    is_opened = bool(_OPENING.match(question) or _WHAT_ABOUT.match(question))
    if asked.names and (not asked.content or _WHAT_ABOUT.match(question)):
        # The same question of somebody else.
        if not is_opened:
            return question
        text = before
        for word in reversed(known.names):
            text = text[: word.start] + text[word.stop :]
        names = " ".join(word.surface for word in asked.names)
        return f"{' '.join(text.split()).rstrip('?')} {names}?"
    if asked.names or not (is_leaning or is_short or is_opened):
        return question
    kept = [word.surface for word in (*known.names, *known.content)]
    if asked.content:  # it asks something else of the same thing
        kept = [one for one in kept if one.casefold() not in KIND_NOUNS]
    added = " ".join(one for one in kept if one.casefold() not in words)
    if not added:
        return question
    return f"{_OPENING.sub('', question).rstrip('? ')} {added}?"
