"""Who a sentence is about, and the sentence as a statement about them.

A memory stands alone, so "I've moved to Leeds" of an owner called Ann becomes "Ann has moved to
Leeds." Where no name is known the owner's statements stay in the first person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memassist.plugins.types import Window, WindowItem

_GENERIC_AUTHORS = frozenset(
    {"user", "human", "me", "you", "unknown", "customer", "assistant", "anonymous", "system"}
)
_THIRD_PERSON = {"have": "has", "do": "does", "go": "goes", "am": "is", "don't": "doesn't"}
_ADVERBS = (
    r"(?:just|also|recently|actually|finally|even|already|really|always|never|usually|currently|"
    r"still|often|now|mostly|only|typically|generally|absolutely|strongly|definitely|personally|"
    r"no longer|originally|mainly|officially|both)"
)
_PRESENT_VERBS = (
    r"(?:live|work|own|run|use|speak|have|prefer|love|hate|like|take|teach|collect|volunteer|"
    r"follow|drive|go|study|suffer|play|keep|wear|eat|drink|avoid|book|order|buy|choose|sit|carry|"
    r"travel|fly|stay|start|bring|practice|practise|need|manage|lead|do|don't|rent|share|attend|"
    r"sing|coach|commute|swim|make|ride|bake|cook|write|paint|knit|garden|sleep|shop|watch|read|"
    r"walk|meditate|subscribe|belong|identify|pay|get|dislike|enjoy|raise|breed|grow|host|serve|"
    r"freelance|consult|specialise|specialize|add|skip|set|leave|listen|put|check|call|visit|bank|"
    r"report|support|meet|see|hold|write|edit|publish|speak|produce|teach|fear|graduate|retire|"
    r"return|begin|leave|move|open|launch|finish|perform|present|turn|arrive|land)"
)
_SUBJECT_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^I(?:'m| am)\b"), "{} is"),
    (re.compile(r"^I(?:'ve| have)(?= (?:" + _ADVERBS + r" )*(?:\w+(?:ed|en|ne|lt|pt|ght|id)|been|"
                r"had|lived|got|gone|done|made|met|run|read|put|set|won|left|lost|become|come)\b)"),
     "{} has"),
    (re.compile(r"^I've\b"), "{} has"),
    (re.compile(r"^I'll\b"), "{} will"),
    (re.compile(r"^I'd\b"), "{} had"),
)  # fmt: skip
_PRESENT = re.compile(rf"^I((?: {_ADVERBS})*) ({_PRESENT_VERBS})\b", re.I)
_INNER_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bI'm\b|\bI am\b"), "they're"),
    (re.compile(r"\bI was\b"), "they were"),
    (re.compile(r"\bI've\b"), "they've"),
    (re.compile(r"\bI\b(?!\.)"), "they"),
    (re.compile(r"\bmy\b", re.I), "their"),
    (re.compile(r"\bmine\b"), "theirs"),
    (re.compile(r"\bmyself\b|\bourselves\b"), "themselves"),
    (re.compile(r"\bwe're\b"), "they're"),
    (re.compile(r"\bwe've\b"), "they've"),
    (re.compile(r"\bwe\b"), "they"),
    (re.compile(r"\bour\b"), "their"),
    (re.compile(r"\bus\b"), "them"),
    (re.compile(r"\bme\b"), "them"),
)

_DISCOURSE = re.compile(
    r"\b(I(?:'m|'ve| am| have| was)?|We(?:'re|'ve| are| have)?)(?: (?:just|also|actually|even|"
    r"recently|already|really|"
    r"currently|now|finally)(?= ))+(?! (?:got|gotten) around)"
)
"""Words that tie a sentence to its conversation or moment and say nothing outside it."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """The person whose sentence it is."""

    name: str | None
    """None for an owner whose name is not known."""
    is_owner: bool

    @property
    def subject(self) -> str:
        """The person as the subject of a sentence."""
        return self.name or "I"

    @property
    def possessive(self) -> str:
        """The person as a possessor at the start of a sentence: `My`, `Ann's`."""
        if self.name is None:
            return "My"
        return f"{self.name}'" if self.name.endswith("s") else f"{self.name}'s"

    def verb(self, base: str) -> str:
        """Return the present tense of `base` for this person: `live` or `lives`."""
        return base if self.name is None else third_person(base)

    def state(self, clause: str) -> str:
        """Return a first-person clause as a sentence that stands alone."""
        text = _DISCOURSE.sub(r"\1", re.sub(r"\s+", " ", clause).strip(" ,;:-\u2013\u2014.!"))
        if self.name is not None:
            text = self._in_third_person(text)
        return f"{text[:1].upper()}{text[1:]}."

    def _in_third_person(self, text: str) -> str:
        assert self.name is not None
        rest = text
        head = ""
        if ours := re.match(r"[Ww]e(?='|\b)", text):
            # Who they were is not told; that the speaker was among them is.
            head, rest = f"{self.name} and others", text[ours.end() :]
            rest = re.sub(r"^'re\b", " are", re.sub(r"^'ve\b", " have", rest))
        if both := re.match(r"[Mm]y ((?:\w+ ){1,4}?)and I\b", text):
            text = rest = f"I and my {both[1].strip()}{text[both.end() :]}"
        if present := _PRESENT.match(text):
            head = f"{self.name}{present[1]} {third_person(present[2])}"
            rest = text[present.end() :]
        for pattern, form in _SUBJECT_FORMS:
            if found := pattern.match(text):
                head, rest = form.format(self.name), text[found.end() :]
                break
        else:
            if not head and (found := re.match(r"(?:my|My|our|Our)\b", text)):
                head, rest = self.possessive, text[found.end() :]
            elif not head and (found := re.match(r"I\b", text)):
                head, rest = self.name, text[found.end() :]
        for pattern, form in _INNER_FORMS:
            rest = pattern.sub(form, rest)
        return head + rest


def third_person(base: str) -> str:
    """Return the third person singular of an English verb's base form."""
    verb = base.lower()
    if verb in _THIRD_PERSON:
        return _THIRD_PERSON[verb]
    if re.search(r"(?:s|sh|ch|x|z)$", verb):
        return verb + "es"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + "s"


def speaker_of(item: WindowItem, window: Window) -> Speaker | None:
    """Return whose words the item holds; None where the author has no usable name."""
    if item.is_owner:
        # An address stands for the owner, but no sentence can be about it.
        names = (name for name in window.owner_names if "@" not in name and name[:1].isalpha())
        return Speaker(next(names, None), is_owner=True)
    name = (item.author or "").strip()
    if not name or name.lower() in _GENERIC_AUTHORS or not re.match(r"[^\W\d_]", name):
        return None
    return Speaker(name, is_owner=False)
