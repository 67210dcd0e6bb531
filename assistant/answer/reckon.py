"""Questions whose answer is counted from dates: how long ago, how old, how many days between.

The dates are found as any answer is, by asking for them; the counting is the calendar's, and no
model's. `reckoned` is the function; where a date is not found it gives way to the usual answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.assistant.extract.rules.times import find_times
from memassist.assistant.results import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.assistant.extract.rules.calendar_dates import Direction
    from memassist.assistant.extract.rules.times import Told

Unit: TypeAlias = Literal["day", "week", "month", "year"]

_AGO = re.compile(
    r"^how (?:long|many (?P<unit>days|weeks|months|years)) ago (?P<rest>.+)$", re.IGNORECASE
)
_SINCE = re.compile(
    r"^how (?:long|many (?P<unit>days|weeks|months|years)) (?:is it|has it been|have passed"
    r"|has passed|is that|is it now) since (?P<rest>.+)$",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"^how (?:long|many (?P<unit>days|weeks|months|years)) (?:(?:is it|are there|is there|are left"
    r"|is left|left|do i have|remain) )?(?:until|till|before|to) (?P<rest>.+)$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"^how (?:long|many (?P<unit>days|weeks|months|years)|much time)"
    r"(?: (?:was it|is it|were there|are there|was there|is there|passed|had passed|elapsed|lay"
    r"|lie|lies|went by))? (?:between|from) (?P<one>.+?) (?:and|to|until) (?P<other>.+)$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^how (?:long|many (?P<unit>days|weeks|months|years)) (?P<way>after|before) (?P<one>.+?),?"
    r" (?P<other>(?:did|was|were) .+)$",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"^how (?:long|many (?P<unit>days|weeks|months|years)) (?:has|have) (?P<whom>.+?) been"
    r" (?P<state>married|engaged|divorced|separated|retired|widowed)(?P<rest>.*)$",
    re.IGNORECASE,
)
"""What began on a day and lasts, where one word tells the day and the state."""
_OLD = re.compile(
    r"^how old (?P<verb>am|is|are|was|were|will) (?P<whom>.+?)(?: be)?"
    r"(?: (?:now|today|these days))?$",
    re.IGNORECASE,
)
_AT = re.compile(r"^(?P<whom>.+?) (?P<when>when .+|on .+|in (?:19|20)\d\d)$", re.IGNORECASE)
_BORN = re.compile(r"\b(?:born|birth|birthday|date of birth)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"^(?:when |the (?:day|time) (?:when |that )?)", re.IGNORECASE)
_VERB = re.compile(r"^(?:did|was|were|is|are|do|does|have|has|had|will)\b", re.IGNORECASE)
COUNTED = "calendar"
"""What `Answer.model` says where nothing stored was needed."""
_NOTHING = Answer("", (), True, "")
"""What a day that was not asked for is from."""
_WEEK = 7
_MONTHS = 12
_DAYS_TOLD, _WEEKS_TOLD = 14, 60
"""Days up to which a time is told in days, and then in weeks, where no unit is asked for."""
_OLDEST = 125


@dataclass(frozen=True, slots=True)
class Dated:
    """A day that was asked for, and the answer it is from."""

    first: date
    last: date
    """The same for a day; the last one that was meant for a month or a year."""
    answer: Answer

    def __str__(self) -> str:
        """Return it in words: `4 June 2025`, `May 2025`, `2019`."""
        if self.first == self.last:
            return f"{self.first.day} {self.first:%B %Y}"
        if (self.last - self.first).days > _WEEK * 5:
            return f"{self.first.year}" if self.first.month == 1 else f"{self.first:%B %Y}"
        return f"{self.first:%B %Y}" if self.first.day == 1 else f"around {_middle(self):%d %B %Y}"


def reckoned(
    question: str, asked_at: datetime | None, ask: Callable[[str], Answer]
) -> Answer | None:
    """Return an answer that is counted; None for any other question, or without its dates.

    `ask` answers a question for a date in the usual way, with what it cites.
    """
    now = asked_at or datetime.now(UTC).astimezone()
    plain = " ".join(question.split()).rstrip("?!. ")
    today = Dated(now.date(), now.date(), _NOTHING)
    if found := _AGO.match(plain) or _SINCE.match(plain):
        then = _date_of(_when(found["rest"], "was"), "past", now, ask)
        if then is None or then.first > today.last:
            return None
        return _told(f"{_amount(then, today, found['unit'])} ago: {then}.", then)
    if found := _STATE.match(plain):
        asked = f"When did {found['whom']} get {found['state']}{found['rest']}?"
        then = _date_of(asked, "past", now, ask)
        if then is None or then.first > today.last:
            return None
        return _told(f"{_amount(then, today, found['unit'])}, since {then}.", then)
    if found := _UNTIL.match(plain):
        then = _date_of(_when(found["rest"], "is"), "future", now, ask)
        if then is None or then.last < today.first:
            return None
        return _told(f"{_amount(today, then, found['unit'])}: {then}.", then)
    if found := _AFTER.match(plain) or _BETWEEN.match(plain):
        one = _date_of(_when(found["one"], "was"), "past", now, ask)
        other = _date_of(_when(found["other"], "was"), "past", now, ask)
        if one is None or other is None:
            return None
        first, second = sorted((one, other), key=lambda each: each.first)
        said = f"{_amount(first, second, found['unit'])}, from {first} to {second}."
        return _told(said, one, other)
    if found := _OLD.match(plain):
        return _age(found["whom"], found["verb"].casefold(), now, ask)
    return None


def _when(rest: str, verb: str) -> str:
    """Return the question for a date: of a clause, or of a thing."""
    said = _CLAUSE.sub("", rest.strip())
    if re.match(r"(?:I|we)\b", said):
        return f"When {'did' if verb == 'was' else 'do'} {said}?"
    is_clause = said != rest.strip() or _VERB.match(said)
    return f"When {said}?" if is_clause else f"When {verb} {said}?"


def _age(whom: str, verb: str, now: datetime, ask: Callable[[str], Answer]) -> Answer | None:
    at = _AT.match(whom) if verb in ("was", "were", "will") else None
    if verb in ("was", "were", "will") and at is None:
        return None
    who = at["whom"] if at is not None else whom
    was = "were" if who.casefold() in ("you", "we", "they") else "was"
    born = _date_of(f"When {was} {who} born?", "past", now, ask)
    if born is None or not any(_BORN.search(one.quote) for one in born.answer.citations):
        return None
    then = Dated(now.date(), now.date(), _NOTHING)
    if at is not None:
        told = find_times(at["when"], now, "past")
        asked = (
            _of_told(told[0], now, _NOTHING)
            if told
            else _date_of(_when(at["when"], "was"), "past", now, ask)
        )
        if asked is None:
            return None
        then = asked
    least, most = _years(born.last, then.first), _years(born.first, then.last)
    if least < 0 or most > _OLDEST:
        return None
    age = f"{most}" if least == most else f"{least} or {most}"
    return _told(f"{age}: born {_on(born)}, counted to {then}.", born, then)


def _on(day: Dated) -> str:
    return f"on {day}" if day.first == day.last else f"in {day}"


def _date_of(
    question: str, direction: Direction, now: datetime, ask: Callable[[str], Answer]
) -> Dated | None:
    """Return the date that answers a question: one the answer names, or its evidence's own day."""
    stated = find_times(question, now, direction)
    answer = ask(question)
    if answer.abstained:
        return _of_told(stated[0], now, _NOTHING) if stated and direction == "past" else None
    for citation in answer.citations:
        written_at = citation.occurred_at
        if written_at is None:
            continue
        told = find_times(citation.quote, written_at, direction)
        if told:
            return _of_told(told[0], written_at, answer)
    for one in find_times(answer.answer, now, direction):
        return _of_told(one, now, answer)
    written_at = answer.citations[0].occurred_at if answer.citations else None
    if direction == "future" or written_at is None or _BORN.search(question):
        return None
    return Dated(written_at.date(), written_at.date(), answer)


def _of_told(told: Told, moment: datetime, answer: Answer) -> Dated:
    """Return a time as the days it was where it was written."""
    first = told.when.start.astimezone(moment.tzinfo).date()
    last = (told.when.stop - timedelta(milliseconds=1)).astimezone(moment.tzinfo).date()
    return Dated(first, last, answer)


def _middle(day: Dated) -> date:
    return day.first + (day.last - day.first) / 2


def _amount(one: Dated, other: Dated, unit: str | None) -> str:
    """Return the time between two days in words, in the unit that was asked for."""
    first, second = _middle(one), _middle(other)
    days = (second - first).days
    is_exact = one.first == one.last and other.first == other.last
    about = "" if is_exact else "about "
    wanted = _unit(unit, days, is_exact=is_exact, is_in_years=_is_long(one) or _is_long(other))
    if wanted == "day":
        return about + _count(days, "day")
    if wanted == "week":
        weeks, rest = divmod(days, _WEEK)
        if not is_exact:
            return about + _count(round(days / _WEEK), "week")
        return _count(weeks, "week") + (f" and {_count(rest, 'day')}" if rest else "")
    months = _months(first, second)
    if wanted == "month":
        if not is_exact:
            months = (second.year - first.year) * _MONTHS + second.month - first.month
        return about + _count(months, "month")
    years, rest = divmod(months, _MONTHS)
    if not is_exact:
        return about + _count(second.year - first.year, "year")
    return _count(years, "year") + (f" and {_count(rest, 'month')}" if rest else "")


def _is_long(day: Dated) -> bool:
    return (day.last - day.first).days > _WEEK * 5


def _unit(asked: str | None, days: int, *, is_exact: bool, is_in_years: bool) -> Unit:
    if asked is not None:
        units: dict[str, Unit] = {"d": "day", "w": "week", "m": "month", "y": "year"}
        return units[asked[0].casefold()]
    if is_in_years:
        return "year"
    if days <= _DAYS_TOLD and is_exact:
        return "day"
    if days <= _WEEKS_TOLD:
        return "week"
    return "month" if days <= 2 * 365 else "year"


def _months(first: date, second: date) -> int:
    """Return how many whole months lie between two days."""
    months = (second.year - first.year) * _MONTHS + second.month - first.month
    return months - (second.day < first.day)


def _years(born: date, then: date) -> int:
    return then.year - born.year - ((then.month, then.day) < (born.month, born.day))


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")


def _told(said: str, *dates: Dated) -> Answer:
    """Return what was counted, above the words that the dates are from."""
    answers = list(dict.fromkeys(one.answer for one in dates if one.answer is not _NOTHING))
    if not answers:  # both days stand in the question
        return Answer(said, (), False, COUNTED)
    citations = tuple(dict.fromkeys(cited for one in answers for cited in one.citations))
    notes = tuple(dict.fromkeys(note for one in answers for note in one.notes))
    text = "\n".join([said, *(one.answer for one in answers)])
    return replace(answers[0], answer=text, citations=citations, notes=notes)
