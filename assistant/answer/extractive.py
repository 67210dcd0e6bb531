"""An answer without a model: the sentences that say it, quoted, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.assistant.answer.citations import citations
from memassist.assistant.answer.current import holding_now
from memassist.assistant.answer.dates import dated
from memassist.assistant.answer.evidence import gather
from memassist.assistant.answer.question import parse
from memassist.assistant.answer.weights import LEXICAL, WITH_MODEL
from memassist.assistant.answer.words import word_set
from memassist.assistant.results import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant.answer.evidence import Sentence
    from memassist.assistant.answer.question import Question
    from memassist.assistant.results import Found
    from memassist.plugins.protocols import Embedder
    from memassist.store.database import Connection

EXTRACTIVE = "extractive"
"""What `Answer.model` says where no model wrote it."""
DONT_KNOW = "I don't know."
MOST_SENTENCES = 3
ALSO = 1.5
"""A further sentence is quoted if its score is at most so much below the best one's."""
_LATEST = word_set("now currently latest nowadays still presently")
SAME_STRENGTH = 1.0
"""Scores within it are alike: asked for what holds now, the one told last is taken."""


def answer_extractively(
    connection: Connection,
    question: str,
    found: Found,
    embedder: Embedder | None,
    owner_names: Sequence[str] = (),
) -> Answer:
    """Quote the sentences of the hits that answer; abstain where none does.

    `embedder` is None where only words were searched. An abstaining answer cites the nearest.
    """
    asked = parse(question)
    weights = LEXICAL if embedder is None else WITH_MODEL
    sentences = gather(connection, asked, found.hits, embedder, owner_names)
    scored = [(weights.score(one.features), one) for one in sentences]
    ranked = sorted(scored, key=lambda pair: -pair[0])
    best = _distinct(holding_now(connection, asked, ranked))
    tells_something = bool(asked.names or asked.content)
    if not best or best[0][0] < 0 or not tells_something:
        nearest = citations(source for _, one in best[:MOST_SENTENCES] for source in one.sources)
        return Answer(DONT_KNOW, nearest[:MOST_SENTENCES], True, EXTRACTIVE, found.notes)
    if _asks_for_now(question):
        best = _latest_first(best)
    top = best[0][0]
    chosen = [one for score, one in best if score >= max(0.0, top - ALSO)][:MOST_SENTENCES]
    chosen = _grouped(chosen)
    text = "\n".join(_spoken(asked, one) for one in chosen)
    cited = citations(source for one in chosen for source in one.sources)
    return Answer(text, cited, False, EXTRACTIVE, found.notes)


def _distinct(scored: list[tuple[float, Sentence]]) -> list[tuple[float, Sentence]]:
    """Keep the best of what rests on one item."""
    kept: list[tuple[float, Sentence]] = []
    taken: set[str] = set()
    for score, one in scored:
        items = {source.item.id for source in one.sources}
        if not items & taken:
            taken |= items
            kept.append((score, one))
    return kept


def _grouped(chosen: list[Sentence]) -> list[Sentence]:
    """Put what one conversation or document says together, the best one's first."""
    origins = [one.sources[0].item.conversation or one.sources[0].item.id for one in chosen]
    places = sorted(range(len(chosen)), key=lambda place: origins.index(origins[place]))
    return [chosen[place] for place in places]


def _asks_for_now(question: str) -> bool:
    return any(word.strip("?,.!").casefold() in _LATEST for word in question.split())


def _latest_first(best: list[tuple[float, Sentence]]) -> list[tuple[float, Sentence]]:
    alike = [pair for pair in best if pair[0] >= max(0.0, best[0][0] - SAME_STRENGTH)]
    times = [pair[1].sources[0].item.occurred_at for pair in alike]
    if any(time is None for time in times):
        return best
    newest = max(zip(times, range(len(alike)), strict=True), key=lambda one: (one[0], -one[1]))[1]
    return [alike[newest], *(pair for pair in best if pair is not alike[newest])]


def _spoken(question: Question, one: Sentence) -> str:
    """Return a sentence as an answer: whose words it is, and when what it tells of was."""
    item = one.sources[0].item
    who = "" if one.is_memory or item.is_owner or not item.author else f"{item.author}: "
    text = " ".join(one.text.split())
    return who + text + dated(question, one.text, item.occurred_at)
