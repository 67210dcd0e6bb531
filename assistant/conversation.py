"""What was asked in the app and what it answered, kept as items of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memassist.plugins.types import Record
from memassist.store.own_answers import APP_KIND, CITES

if TYPE_CHECKING:
    from memassist.assistant.results import Answer
    from memassist.assistant.wiring import Wiring
    from memassist.ingest.pipeline import ImportSettings

TITLE = "Asked in memassist"


def keep_exchange(
    wiring: Wiring,
    settings: ImportSettings,
    conversation: str,
    number: int,
    question: str,
    answer: Answer,
) -> bool:
    """Keep one question and its answer; False where the settings say not to.

    The question is the owner's own words, and learned from like any of them. The answer never is:
    a memory must not come to rest on what we said ourselves.
    """
    from memassist.ingest.pipeline import ImportReport, take_in

    if not wiring.config.flag("app.keep_conversation"):
        return False
    now = datetime.now(UTC).astimezone()
    cited = [one.item_id for one in answer.citations]
    asked = Record(
        text=question,
        place="asked",
        origin="hand",
        is_owner=True,
        conversation=conversation,
        title=TITLE,
        native_id=f"{number} question",
        sequence=2 * number,
        occurred_at=now,
    )
    answered = Record(
        text=answer.answer,
        place="answered",
        role="assistant",
        author="memassist",
        is_owner=False,
        conversation=conversation,
        title=TITLE,
        native_id=f"{number} answer",
        sequence=2 * number + 1,
        occurred_at=now,
        metadata={CITES: list(dict.fromkeys(cited)), "do_not_remember": True},
    )
    outcomes = (("app@1", record) for record in (asked, answered))
    take_in(wiring.database, APP_KIND, "conversation", outcomes, settings, ImportReport())
    return True
