"""What the demo prints, as parts for a rich console.

Text from the store is put into `Text` objects and never read as rich's markup.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.rule import Rule
from rich.text import Text

from memassist.plugins.types import MEMORY_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rich.console import Console, ConsoleOptions, RenderableType

    from memassist.assistant.demo.results import (
        Asked,
        DemoResult,
        MaskedPlace,
        ShownMemory,
        TakenIn,
    )
    from memassist.plugins.types import FieldValue, MemoryType

SHOWN_PER_TYPE = 2
SHOWN_STEPS = 3
QUOTE_CHARACTERS = 150
_MASK = re.compile(r"\[\w+ hidden\]")
_MEANING: dict[MemoryType, str] = {
    "core": "who you are, always at hand",
    "episodic": "what happened and what is planned",
    "semantic": "facts",
    "procedural": "how to do things",
    "resource": "things to find again",
}


def view(result: DemoResult, *, command: str, is_own: bool) -> Iterator[RenderableType]:
    """Yield the demo's output from top to bottom. `command` is how the program is called here."""
    yield Text.assemble(
        ("memassist demo", "bold"),
        "  a temporary encrypted home; nothing leaves this machine",
    )
    yield from _taken_in(result)
    yield from _remembered(result.memories)
    yield from _waiting(result)
    yield from _asked(result.asked)
    yield from _ending(result, command, is_own=is_own)


def _heading(name: str, detail: str = "") -> Iterator[RenderableType]:
    yield Text()
    yield Rule(
        Text.assemble((name, "bold cyan"), (f"  {detail}" if detail else "", "dim")),
        align="left",
        style="cyan",
    )


def _taken_in(result: DemoResult) -> Iterator[RenderableType]:
    yield from _heading("Taken in", _counted(sum(one.stored for one in result.taken_in), "item"))
    for source in result.taken_in:
        name = Text(source.name)
        if left_out := _left_out(source):
            name.append(f"\n{left_out}", "dim")
        yield _Block(name, Text(f"{source.stored:>6,}   "))
    for source in result.taken_in:
        for problem in source.problems[:SHOWN_PER_TYPE]:
            is_whole = problem.place == source.name
            place = source.name if is_whole else f"{source.name}, {problem.place}"
            advice = f" ({problem.advice})" if problem.advice else ""
            yield _Block(Text(f"{place}: {problem.reason}{advice}"), Text("problem  ", "yellow"))
        yield from _more(source.problem_count)
    for masked in result.masked:
        yield _Block(_around_mask(masked), Text("masked   ", "green"), masked.title or "")
    for entry in result.vault[:SHOWN_PER_TYPE]:
        yield _Block(
            Text(f"{entry.caption}, in the vault, for your eyes only"), Text("sealed   ", "green")
        )
    yield from _more(len(result.vault))


def _more(count: int) -> Iterator[RenderableType]:
    if count > SHOWN_PER_TYPE:
        yield _indented(Text(f"and {count - SHOWN_PER_TYPE:,} more", "dim"), 9)


def _left_out(source: TakenIn) -> str:
    parts = [f"{count:,} {reason}" for reason, count in source.skipped.items()]
    told = [f"skipped: {', '.join(parts)}"] if parts else []
    if source.problem_count:
        told.append(_counted(source.problem_count, "problem"))
    if source.secrets:
        told.append(f"{_counted(source.secrets, 'secret')} masked")
    return "; ".join(told)


def _around_mask(place: MaskedPlace) -> Text:
    """Return the words around the first mask of a line, the mask standing out."""
    found = _MASK.search(place.line)
    start = max(0, found.start() - 30) if found else 0
    text = Text(f"“{'…' if start else ''}{_shortened(place.line[start:].lstrip(), 62)}”")
    text.highlight_regex(_MASK, "bold green")
    return text


def _remembered(memories: Sequence[ShownMemory]) -> Iterator[RenderableType]:
    yield from _heading("Remembered", _counted(len(memories), "memory", "memories"))
    replaced: dict[str, list[ShownMemory]] = {}
    for memory in memories:
        if memory.superseded_by:
            replaced.setdefault(memory.superseded_by, []).append(memory)
    is_first = True
    for type_ in MEMORY_TYPES:
        own = [one for one in memories if one.type == type_ and not one.superseded_by]
        if not own:
            continue
        if not is_first:
            yield Text()
        is_first = False
        shown = _varied(own, replaced)
        more = f", {len(own) - len(shown)} more" if len(own) > len(shown) else ""
        yield Text.assemble((type_, "bold magenta"), (f"  {_MEANING[type_]}{more}", "dim"))
        for memory in shown:
            yield from _memory(memory)
            for former in replaced.get(memory.id, ()):
                until = f" (until {_day(former.valid_to)})" if former.valid_to else ""
                yield _indented(Text(f"before: {former.text}{until}", style="dim"), 4)


def _varied(
    memories: Sequence[ShownMemory], replaced: dict[str, list[ShownMemory]]
) -> list[ShownMemory]:
    """Return a few: with a history before others, sure before unsure, not all from one item."""
    ranked = sorted(memories, key=lambda one: (one.id not in replaced, -one.confidence))
    seen: Counter[str] = Counter()
    rounds = []
    for place, memory in enumerate(ranked):
        item = memory.evidence[0].item_id if memory.evidence else ""
        rounds.append((seen[item], place))
        seen[item] += 1
    return [ranked[place] for _, place in sorted(rounds)[:SHOWN_PER_TYPE]]


def _memory(memory: ShownMemory) -> Iterator[RenderableType]:
    yield _indented(Text(memory.text), 2)
    for number, step in enumerate(_steps(memory.fields)[:SHOWN_STEPS], 1):
        yield _indented(Text(f"{number}. {_shortened(step, 70)}"), 4)
    for evidence in memory.evidence[:1]:
        where = _where(evidence.author, evidence.title, evidence.source, evidence.occurred_at)
        quote = _shortened(evidence.quote, QUOTE_CHARACTERS)
        if _steps(memory.fields) or quote in " ".join(memory.text.split()):
            yield _indented(Text(f"from {where}", style="dim"), 4)
        else:
            yield _indented(Text(f"“{quote}”", "dim"), 4, where)


def _steps(fields: dict[str, FieldValue]) -> list[str]:
    steps = fields.get("steps")
    return steps if isinstance(steps, list) else []


def _waiting(result: DemoResult) -> Iterator[RenderableType]:
    if not result.waiting:
        return
    yield from _heading("Waiting for your decision", _counted(len(result.waiting), "candidate"))
    for one in result.waiting[:SHOWN_PER_TYPE]:
        yield _indented(Text.assemble(one.text, (f"  {one.type}: {one.reason}", "dim")), 2)


def _asked(asked: Sequence[Asked]) -> Iterator[RenderableType]:
    if not asked:
        yield Text()
        yield Text("Nothing was asked: --questions FILE has a question on each line.", "yellow")
        return
    yield from _heading("Asked", _counted(len(asked), "question"))
    for number, one in enumerate(asked):
        if number:
            yield Text()
        yield Text(one.question, style="bold")
        answer = one.answer
        yield _indented(Text(answer.answer, style="yellow" if answer.abstained else "green"), 2)
        if answer.abstained and answer.citations:
            yield _indented(Text("The nearest that is stored:", style="dim"), 2)
        citations = answer.citations[:1] if answer.abstained else answer.citations
        for place, citation in enumerate(citations, 1):
            where = _where(
                citation.author, citation.title, citation.source or "", citation.occurred_at
            )
            quote = _shortened(citation.quote, QUOTE_CHARACTERS)
            mark = Text(f"    [{place}] ")
            if answer.abstained or quote not in " ".join(answer.answer.split()):
                yield _Block(Text(f"“{quote}”"), mark, where)
            else:
                yield _Block(Text(where, "dim"), mark)


def _ending(result: DemoResult, command: str, *, is_own: bool) -> Iterator[RenderableType]:
    yield from _heading("Go on")
    for note in dict.fromkeys(result.notes):
        yield Text(note.replace("memassist model", f"{command} model"), style="yellow")
    if result.home is not None:
        yield _Block(Text(str(result.home)), Text("home kept  ", "green"))
        yield _Block(Text(str(result.key_file)), Text("key file   ", "green"))
        yield _Block(Text(f"{command} --home {result.home} search WORDS"), Text("look into  "))
    steps = (
        ("init", "a home of your own; no keyring: --key-file FILE"),
        ("import PATH", "your ChatGPT export, chats, pictures"),
        ("import PATH --mine", "notes that you wrote"),
        ('ask "..."', "also search, memories, timeline, --help"),
    )
    for words, meaning in steps:
        called = Text(f"{command} {words}", "bold")
        called.pad_right(len(command) + 22 - len(called))
        yield _Block(Text(meaning, "dim"), called)
    what = "Your data" if is_own else "Samples of ours"
    end = "" if result.home is not None else "; the temporary home is gone"
    yield Text(f"{what}, taken in and asked in {result.seconds:.1f} s{end}.", style="dim")


def _where(author: str | None, title: str | None, source: str, occurred_at: datetime | None) -> str:
    parts = [author, title, _day(occurred_at)]
    return ", ".join(part for part in parts if part) or source


def _day(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.day} {moment:%B %Y}"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _shortened(text: str, most: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _indented(text: Text, columns: int, where: str = "") -> _Block:
    return _Block(text, Text(" " * columns), where)


@dataclass(frozen=True, slots=True)
class _Block:
    """A text beside its mark; further lines stand below the text. Ends no line in blanks."""

    text: Text
    mark: Text
    where: str = ""
    """Where the text is from: behind it, or on a line of its own if it has no room there."""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        width = max(20, options.max_width - len(self.mark))
        where = Text(self.where, "dim")
        text = self.text
        if where:
            has_room = text.cell_len + 2 + where.cell_len <= width
            text = Text.assemble(text, "  " if has_room else "\n", where)
        for number, line in enumerate(text.wrap(console, width, overflow="fold")):
            line.rstrip()
            mark = Text(" " * len(self.mark)) if number else self.mark
            yield Text.assemble(mark, line)
