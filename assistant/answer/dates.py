"""The day that "yesterday" was: added to an answer, and marked as derived."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.answer.fit import has_time
from memassist.assistant.extract.rules.times import find_times

if TYPE_CHECKING:
    from datetime import datetime

    from memassist.assistant.answer.question import Question

_TO_COME = re.compile(
    r"\b(?:will|going to|gonna|'ll|is \w+ing|are \w+ing|'m \w+ing|booked|planned|due|upcoming"
    r"|next|tomorrow)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?:on|for|by|in|until|since) (?:the )?", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def dated(question: Question, sentence: str, written_at: datetime | None) -> str:
    """Return what to add to a sentence that answers a question of time; mostly nothing.

    ` ("yesterday" = 7 May 2023, as it was written on 8 May 2023)` where the sentence counts from
    its own day, ` (written on 8 May 2023)` where it names no time at all.
    """
    if question.kind != "time" or written_at is None:
        return ""
    day = f"{written_at.day} {written_at:%B %Y}"
    if "what time" in question.text.casefold():
        return ""
    is_to_come = not question.is_past or _TO_COME.search(sentence) is not None
    told = find_times(sentence, written_at, "future" if is_to_come else "past")
    counted = [one for one in told if not _YEAR.search(sentence[one.start : one.stop])]
    if counted:
        words = _LEADING.sub("", sentence[counted[0].start : counted[0].stop].strip(" .,"))
        when = counted[0].phrase.removeprefix("on ")
        return f" (\u201c{words}\u201d = {when}, as it was written on {day})"
    return "" if has_time(sentence) else f" (written on {day})"
