"""Which sentences of an item are its author's own plain assertions.

Every rule family reads sentences from here only. `own_sentences` drops what must never become a
memory: quoted and pasted text, code, role play, texts the person wants written, questions and
suppositions. Offsets always refer to the item's text as stored, so that a quote stays a literal
slice: text is blanked out in place, never removed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.plugins.types import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import Window, WindowItem

PASTE_CHARACTERS = 1500
"""A chat message above it is taken for a paste: people seldom type that much into a chat."""

SENTENCE_CHARACTERS = 600
"""What is longer without a full stop is data, and costs the patterns too much."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, and where it stands in its item."""

    item: WindowItem
    start: int
    """Offset of the first character in the item's text."""
    text: str
    """The slice, save that apostrophes are straight, a lone i is I and quoted words are blank."""

    def span(self, start: int, stop: int) -> Span:
        """Return the evidence for `text[start:stop]`, quoted from the item itself."""
        first, last = self.start + start, self.start + stop
        return Span(self.item.item_id, first, last, self.item.text[first:last])


_IMPERSONATION = re.compile(
    r"\b(?:act(?:ing)? (?:as|like)|pretend|role-?play|imagine (?:that |you|i|we|a\b)|"
    r"you(?:'re| are) (?:now )?(?:an? |the |my )(?!(?:great|good|genius|star|life)\b)|"
    r"(?:respond|reply|answer|speak|talk|behave) (?:as|like) (?:an?|the|if|my)\b|"
    r"take on the role|play the (?:role|part)|in character|assume (?:the role|that (?:i|you))|"
    r"suppose (?:that )?(?:i|you|we)|hypothetical|let'?s say|your (?:role|persona) is|"
    r"from the (?:perspective|point of view) of|ignore (?:all |any |the )?(?:previous|prior|above)|"
    r"(?:interview|story|novel|script|game) (?:simulation|character))",
    re.I,
)
_PIECE = (
    r"(?:stor(?:y|ies)|letters?|e-?mails?|essays?|poems?|scripts?|speech(?:es)?|dialogues?|scenes?|"
    r"songs?|lyrics|blog|articles?|posts?|tweets?|captions?|bio|biography|cv|resume|résumé|"
    r"summary|monologue|message|paragraphs?|introduction|statement|toast|vows|review|memo|"
    r"monologue|novel|chapter|screenplay|description|reply|response|proposal|press release|"
    r"conversation|joke|haiku|rap|ad|obituary|eulogy|journal entry|diary entry)"
)
_WRITING_REQUEST = re.compile(
    r"\b(?:write|draft|compose|create|generate|make(?: up)?|tell|continue|rewrite|craft|prepare)"
    r"(?: me| up| us)?(?: out)?(?: (?:an?|the|my|this|some|another|one|two|three|\d+))?"
    r"(?: [\w'-]+){0,5}? " + _PIECE + r"\b|\b(?:rewrite|rephrase|paraphrase|proofread|translate|"
    r"summari[sz]e|reword|correct (?:this|the|my)|fix the grammar|edit (?:this|the following|my)|"
    r"improve (?:this|the following)|(?:the|this) following|as follows|(?:text|email|passage|"
    r"article|letter|code|information|details?|data) below|here(?:'s| is) (?:the|a|an|my) (?:text|"
    r"email|article|letter|draft|story|essay|paragraph|transcript|job description|resume|cover "
    r"letter))\b",
    re.I,
)
_FORWARDED = re.compile(
    r"^(?:-{2,} ?(?:original|forwarded) message.*|begin forwarded message.*|on .{6,80} wrote:\s*|"
    r"(?:from|to|cc|subject|sent): .*|(?:dear|hi|hello|hey) [^\n]{1,40},\s*)$",
    re.I | re.M,
)
_BLANKED = re.compile(
    r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|^[ \t]*>.*$|`[^`\n]+`|^[ \t]*\|.*$|<[a-zA-Z/][^<>\n]*>|"
    r"^(?: {4,}|\t)(?![-*+\d]).*$",
    re.S | re.M,
)
_QUOTED = re.compile(r"[\"“](?P<inner>[^\"“”\n]{1,400})[\"”]")
_SMALL_I = re.compile(r"(?<![\w.'(-])i(?='(?:m|ve|ll|d)\b| [a-z])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|st|jr|sr|prof|vs|etc|no|approx|e\.g|i\.e|a\.m|p\.m|ph\.d|u\.s|u\.k|"
    r"mt|ft|inc|ltd|co)|\b[A-Z])\.$",
    re.I,
)
_SENTENCE_END = re.compile(r"[.!?…]+[\"”')\]]*(?=\s|$)|\n+")
_LINE_MARK = re.compile(r"\s*(?:[-*+•]\s+(?:\[[ xX]\]\s+)?|\d{1,2}[.)]\s+|#{1,6}\s+)?")
_SUPPOSED = re.compile(
    r"\b(?:if|unless|whether|suppos\w+|imagin\w+|pretend\w*|wish\w*|hop(?:e|ing)|as though|maybe|"
    r"perhaps|might|would|could|should|(?-i:may)(?! \d)|wonder\w*|dream(?:t|ed|ing)?|almost|"
    r"think(?:ing)? (?:of|about)|consider(?:ing)?)\b|\b(?:i|we)'d (?!been|had|just|already|never)",
    re.I,
)
_REPORTED = re.compile(
    r"\b(?:he|she|they|who|[A-Z][a-z]+|my \w+(?: [A-Z]\w+)?|people|someone) (?:just |also |often |"
    r"always )?(?:said|says|told|tells|claims?|claimed|asked|asks|wrote|writes|thinks|believes|"
    r"swears|mentioned|suggested|jokes?|joked)\b",
)
_QUESTION_OPENING = re.compile(
    r"\s*(?:(?:and|but|so|also|oh|hey|hi|ok|okay|well|then)[, ]+)*(?:can|could|would|will|do|does|"
    r"did|is|are|was|were|should|what|which|who|whom|whose|where|when|why|how|any)\b(?! (?:i|we) "
    r"(?:was|were|got|first|moved|started)\b)",
    re.I,
)


def is_played(item: WindowItem) -> bool:
    """Whether the message asks for role play, so that first-person text may be fiction."""
    return _IMPERSONATION.search(item.text) is not None


def played_items(window: Window) -> frozenset[str]:
    """Return the messages from the first one on that asks for role play.

    What a person says in a played scene is not about themselves, and scenes don't say their end.
    """
    is_playing = False
    played = []
    for item in window.items:
        if item.role == "user" and item.is_main_branch and _is_chat(item):
            is_playing = is_playing or is_played(item)
            if is_playing:
                played.append(item.item_id)
    return frozenset(played)


def _is_chat(item: WindowItem) -> bool:
    return item.kind == "message" and item.origin != "hand"


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def _blank_quoted(match: re.Match[str]) -> str:
    # Short quotations are titles ("The Crown"); a quoted clause is somebody's words.
    inner = match["inner"]
    if len(inner.split()) <= 8 and not re.search(r"\b(?:I|I'm|my|me|you|we)\b", inner):
        return match.group()
    return " " * len(match.group())


def own_text(item: WindowItem) -> str:
    """Return the item's text with all that is quoted, pasted or code blanked; same length."""
    text = item.text.replace("\u2019", "'").replace("\u2018", "'")
    text = _SMALL_I.sub("I", text)
    if any(mark in text for mark in "`>|<~\t") or "    " in text:
        text = _BLANKED.sub(_blank, text)
    if '"' in text or "“" in text:
        text = _QUOTED.sub(_blank_quoted, text)
    forwarded = _FORWARDED.search(text)
    if forwarded is not None:
        # Everything after a mail's head or greeting is the mail.
        text = text[: forwarded.start()] + " " * (len(text) - forwarded.start())
    return text


def split_sentences(item: WindowItem, text: str) -> Iterator[Sentence]:
    """Yield the sentences of `text`, in order, list marks and headings' marks left out.

    `text` must have the length of the item's text. A line break ends a sentence.
    """
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if end.group()[0] == "." and _ABBREVIATION.search(text, start, end.start() + 1):
            continue
        yield from _trimmed(item, text, start, end.end())
        start = end.end()
    yield from _trimmed(item, text, start, len(text))


def _trimmed(item: WindowItem, text: str, start: int, stop: int) -> Iterator[Sentence]:
    mark = _LINE_MARK.match(text, start, stop)
    start = mark.end() if mark else start
    sentence = text[start:stop].rstrip()
    if sentence:
        yield Sentence(item, start, sentence)


_FICTION = re.compile(
    r"\s*in (?:the|this|that|my) (?:\w+ )?(?:novel|story|book|film|movie|game|play|series|show|"
    r"script|episode),? ",
    re.I,
)


def is_assertion(sentence: str) -> bool:
    """Whether the sentence states something: it is no question, no report and no plot."""
    return not (
        sentence.rstrip("\"')] ").endswith("?")
        or _QUESTION_OPENING.match(sentence)
        or _FICTION.match(sentence)
        or _REPORTED.search(sentence)
    )


def is_supposed(clause: str) -> bool:
    """Whether the words hold a condition, wish or guess, so that what they say need not be so."""
    return _SUPPOSED.search(clause) is not None


def is_own_words(item: WindowItem, start: int, stop: int) -> bool:
    """Whether a slice of an item is what its author says: not quoted, pasted, played or code.

    Only the item itself is looked at; `played_items` knows what a scene began before it.
    """
    if _is_chat(item) and (
        is_played(item)
        or len(item.text) > PASTE_CHARACTERS
        or _WRITING_REQUEST.search(item.text) is not None
    ):
        return False
    own = own_text(item)
    return not any(
        own[place].isspace() and not item.text[place].isspace() for place in range(start, stop)
    )


def own_sentences(window: Window) -> Iterator[Sentence]:
    """Yield what the people in the window state in their own words, in reading order.

    Nothing of assistants, systems and tools, of branches that were not kept, of pastes, of
    messages that ask for a text to be written, and nothing after a message that asks for role
    play, as what a person says in a played scene is not about themselves.
    """
    played = played_items(window)
    for item in window.items:
        if item.role != "user" or not item.is_main_branch or item.kind == "picture":
            continue
        if _is_chat(item) and (
            item.item_id in played
            or len(item.text) > PASTE_CHARACTERS
            or _WRITING_REQUEST.search(item.text)
        ):
            continue
        for sentence in split_sentences(item, own_text(item)):
            if len(sentence.text) <= SENTENCE_CHARACTERS and is_assertion(sentence.text):
                yield sentence
