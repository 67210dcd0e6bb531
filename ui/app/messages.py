"""What workers tell the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from memassist.ui.app.text import count_of

if TYPE_CHECKING:
    from memassist.assistant import Memory
    from memassist.assistant.work import WorkReport
    from memassist.ingest.pipeline import ImportReport


class Opened(Message):
    """The home is open."""

    def __init__(self, memory: Memory) -> None:
        """Take the open memory."""
        self.memory = memory
        super().__init__()


class Locked(Message):
    """The home needs a person to open it."""

    def __init__(self, reason: str) -> None:
        """Take what is missing."""
        self.reason = reason
        super().__init__()


class Told(Message):
    """Something the person should read."""

    def __init__(self, said: str) -> None:
        """Take it."""
        self.said = said
        super().__init__()


class Reload(Message):
    """What is shown may be out of date."""


class ModelReady(Message):
    """The embedding model is loaded."""


class Progress(Message):
    """Something goes on."""

    def __init__(self, said: str) -> None:
        """Take a few words about it."""
        self.said = said
        super().__init__()


class TookIn(Message):
    """Something was taken in."""

    def __init__(self, report: ImportReport, *, is_import: bool = False) -> None:
        """Take what became of everything that was met; typed things are no import."""
        self.report = report
        self.is_import = is_import
        super().__init__()


class Learned(Message):
    """The waiting jobs came to their end."""

    def __init__(self, report: WorkReport | None) -> None:
        """Take what they came to, None where none waited."""
        self.report = report
        super().__init__()


class Counted(Message):
    """How much there is of everything."""

    def __init__(self, said: str, inbox: int, problems: int) -> None:
        """Take one line about it, and the numbers that tabs show."""
        self.said = said
        self.inbox = inbox
        self.problems = problems
        super().__init__()

    @classmethod
    def read(cls, memory: Memory) -> Counted:
        """Count, off the screen; a capture that runs is said first, as long as it runs."""
        from memassist.assistant.capture.control import sign

        stats = memory.maintenance.stats()
        parts = [count_of(stats.items, "item"), count_of(sum(stats.memories.values()), "memory")]
        waiting = stats.jobs.get("queued", 0) + stats.jobs.get("leased", 0)
        if waiting:
            parts.append(f"{count_of(waiting, 'job')} waiting")
        if not memory.wiring.is_warm():
            parts.append("model loading")
        elif memory.wiring.embedder_reason:
            parts.append("by words only")
        captured = sign(memory.wiring.home)
        if captured:
            parts.insert(0, captured)
        return cls(" · ".join(parts), stats.inbox, stats.problems)
