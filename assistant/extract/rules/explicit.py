"""What a person asks to have remembered: "remember that ...", "note to self: ...".

The words are theirs, so the statement is kept as said. What tells an assistant how to do the task
at hand ("remember to answer in JSON", "you must always ...") is an order and no memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.facts import facts_in
from memassist.assistant.extract.rules.people import people_in
from memassist.plugins.types import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.assistant.extract.rules.passages import Sentence
    from memassist.assistant.extract.rules.speakers import Speaker

ASKED = 0.9
"""Confidence of what the owner asked to have remembered."""

_ASKED = re.compile(
    r"^(?:(?:please|also|and|oh|ok|okay|hey|can you|could you)[, ]+)*(?P<how>remember(?: for (?:me|"
    r"later|next time))?(?: that\b|:|(?= (?:my|I|I'm|we|our)\b))|note to self\s*[:,\u2013\u2014-]|"
    r"don'?t (?:let me )?forget(?: that\b|[:,]|(?= (?:my|I|I'm)\b))|(?:for|just for) (?:(?:your|my|"
    r"future|later) )+(?:reference|information)[:,]|(?:make a|take) note(?: that\b|[:,]| of "
    r"this[:,])|(?:please )?note that (?=my\b|I\b|I'm\b)|keep in mind that (?=my\b|I\b|I'm\b)|"
    r"(?:fyi|for the record)[:,]?(?= (?:my|I|I'm|our|we)\b)|(?:save|store) (?:this|the "
    r"following)(?: for (?:me|later))?[:,])\s*(?P<what>.+)",
    re.I | re.S,
)
_TO_THE_MODEL = re.compile(
    r"\b(?:you|your|yours|yourself|assistant|chatbot|gpt|chatgpt|claude|ai|prompt|instructions?|"
    r"respond|reply|answer(?:s|ing)?|format(?:ted)?|output|json|xml|markdown table|bullet points?|"
    r"persona|audience|tone|system|user|ignore|disregard|override|must|sentences?|paragraphs?|"
    r"words?|characters?|code (?:block|snippet)|function|variable|article|essay|story|character|"
    r"text|response|reveal|secret|always (?:use|include|add|say|output|send|forward)|the (?:target|"
    r"above|following|previous))\b",
    re.I,
)
_VERB = re.compile(
    r"'s (?:on|in|at|a|the|due)\b|\b(?:is|are|was|were|has|have|had|will|can|must|should)\b|"
    r"\w{3,}(?:[^s]s|ed)\b(?= (?:in|on|at|to|every|the|a|my|when|until|by|up|for|with)\b)"
)
_TASK = re.compile(r"(?:to|how|when|what|this|these|those|the (?:time|day)s? (?:we|when))\b")
_YOU = re.compile(r"\b(?:you|your|ignore|disregard|instructions?|prompt)\b", re.I)
_ANCHOR = re.compile(
    r"\b(?:is|are|goes?|stays?|hangs?|lives?) (?:\w+ )?(?:in|under|on|behind|at|beside|next to|"
    r"inside|above|below) |\b(?:changes|expires|closes|opens|arrives|comes|starts|ends|leaves|"
    r"costs|belongs) |"
    r"^(?!The|This|That|These|It|All|Each|No)[A-Z][a-z]+ (?:is|has|was|can't|doesn't|likes|hates|"
    r"lives|works|needs)\b|"
    r"\b(?:I|I'm|I've|my|mine|we|our|me)\b|\d|(?<!^)(?<=\s)[A-Z][a-z]+"
)


def is_asked(sentence: Sentence) -> bool:
    """Whether the sentence asks to have its own statement remembered."""
    return _ASKED.match(sentence.text) is not None


def explicit_in(sentence: Sentence, speaker: Speaker, extractor: str) -> Iterator[Candidate]:
    """Yield what the owner asked to have remembered; only an owner's asking counts."""
    if not speaker.is_owner:
        return
    found = _ASKED.match(sentence.text)
    if found is None:
        return
    what = found["what"].strip()
    is_note = found["how"].lower().startswith(("note to self", "make a note", "take note"))
    addressed = not is_note and sentence.item.origin in ("chat", "mcp")
    if (
        len(what.split()) < 3
        or len(what) > 400
        or (_TO_THE_MODEL if addressed else _YOU).search(what)
        or (addressed and (_TASK.match(what) or _ANCHOR.search(what) is None))
    ):
        return
    if re.match(r"my\b", what, re.I) and _VERB.search(what) is None:
        return
    statement = speaker.state(re.sub(r"^(?:that|to) ", "", what, flags=re.I))
    known = (*facts_in(sentence, speaker), *people_in(sentence, speaker))
    if any(claim.text == statement for claim in known):
        # The closer rule has it already.
        return
    start = found.start("what")
    yield Candidate(
        type="semantic",
        text=statement,
        evidence=(sentence.span(start, start + len(found["what"].rstrip())),),
        extractor=extractor,
        confidence=ASKED,
        fields={"name": "told to remember", "summary": statement},
        tags=("explicit",),
    )
