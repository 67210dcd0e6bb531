"""The part of `Memory` that looks back and ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.assistant.reflect.nightly import local_now, owner_zone
from memassist.assistant.reflect.periods import recent_periods
from memassist.store import times

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from memassist.assistant.reflect.periods import Period
    from memassist.assistant.reflect.promises import Promised
    from memassist.assistant.reflect.prose import Topic
    from memassist.assistant.reflect.summary import Summary
    from memassist.assistant.reflect.upcoming import Coming
    from memassist.assistant.retention import Faded
    from memassist.assistant.wiring import Wiring


class Reflection:
    """Summaries of days, weeks and entities, and what is coming up."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def today(self) -> date:
        """Return the present day in the owner's zone."""
        return local_now(self._wiring.config).date()

    def summarise(
        self,
        periods: Sequence[Period] | None = None,
        *,
        entities: Sequence[str] | None = None,
        with_model: bool = True,
        is_trial: bool = False,
    ) -> list[Summary]:
        """Bring summaries up to date, of these periods and of these entities, by id or name.

        Where both are None, of the recent days and the last week, and of the people and projects
        that most memories name. The language model, where one is set, writes prose; each summary
        lands at once. A trial changes nothing and tells what would become of each. Raises
        `NotFoundError`.
        """
        from memassist.assistant.reflect.portraits import portrait_of, recent_portraits
        from memassist.assistant.reflect.summary import summarise

        connection, names = self._wiring.database.read(), self._wiring.config.names("me")
        topics: list[Topic] = []
        if periods is None and entities is None:
            topics += [*recent_periods(self.today()), *recent_portraits(connection, names)]
        topics += periods or []
        topics += [portrait_of(connection, one, names) for one in entities or []]
        model = self._wiring.model() if with_model else None
        zone = owner_zone(self._wiring.config)
        return [
            summarise(self._wiring.database, topic, zone, model, is_trial=is_trial)
            for topic in topics
        ]

    def archive_faded(self, *, is_trial: bool = False) -> list[Faded]:
        """Archive what is of use no more, by `forgetting.below`; the least wanted first.

        A trial only tells what it would be.
        """
        from memassist.assistant.retention import archive_faded, faded

        below = self._wiring.config.number("forgetting.below")
        if is_trial:
            return faded(self._wiring.database.read(), below, times.now_ms())
        return archive_faded(self._wiring.database, below, times.now_ms())

    def upcoming(self, days: int = 30, *, now: datetime | None = None) -> list[Coming]:
        """Return plans and birthdays of so many days, the next first; None is the present."""
        from memassist.assistant.reflect.upcoming import upcoming

        moment = now or local_now(self._wiring.config)
        return upcoming(self._wiring.database.read(), moment, days)

    def promises(self, *, now: datetime | None = None) -> list[Promised]:
        """Return what the owner promised somebody and nothing says is done; None is the present."""
        from memassist.assistant.reflect.promises import open_promises

        moment = now or local_now(self._wiring.config)
        names = self._wiring.config.names("me")
        return open_promises(self._wiring.database.read(), names, moment)
