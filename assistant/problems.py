"""What could not be taken in, for the facade: list it, try it again, clear it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memassist.assistant.errors import QueryError
from memassist.ingest.errors import NoSuchPathError
from memassist.store import problems
from memassist.store.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from memassist.assistant.memory import Memory
    from memassist.assistant.wiring import Wiring
    from memassist.ingest.pipeline import ImportReport
    from memassist.store.problems import Offer, StoredProblem


@dataclass(frozen=True, slots=True)
class RetryReport:
    """What trying again came to."""

    tried: int
    """Problems."""
    mended: int
    """Of those, gone now."""
    taken_in: int
    """Items that are new in the store, or new versions."""
    out_of_reach: tuple[StoredProblem, ...]
    """Not tried: the file is gone, or nothing tells where it came from."""


class Problems:
    """What could not be taken in. Trying again, like importing again, doubles nothing."""

    def __init__(self, wiring: Wiring, memory: Memory) -> None:
        self._wiring = wiring
        self._memory = memory

    def list(self) -> Sequence[StoredProblem]:
        """Return all of them, the latest met first."""
        return problems.list_problems(self._wiring.database.read())

    def retry(
        self,
        ids: Iterable[int] | None = None,
        on_progress: Callable[[ImportReport], None] = lambda report: None,
    ) -> RetryReport:
        """Offer again what could not be read, all of it without `ids`; jobs follow by `work`.

        Of a folder only the files that had problems are read, of a watched one all. What is
        mended leaves the list; what fails again stays. Raises `NotFoundError` for an unknown id.
        """
        chosen = self._chosen(ids)
        watched = {str(watch.path) for watch in self._memory.watches.list()}
        offers: dict[Offer, list[StoredProblem]] = defaultdict(list)
        folders: dict[str, list[StoredProblem]] = defaultdict(list)
        out_of_reach: list[StoredProblem] = []
        for one in chosen:
            if one.offer is not None:
                offers[one.offer].append(one)
            elif one.source in watched:
                folders[one.source].append(one)
            else:
                out_of_reach.append(one)
        tried: list[StoredProblem] = []
        taken_in = 0
        for offer, group in offers.items():
            try:
                report = self._offer_again(offer, group, on_progress)
            except (NoSuchPathError, QueryError):  # the file, or its reader's plugin, is gone
                out_of_reach += group
                continue
            tried += group
            taken_in += report.stored + report.new_versions
        for folder, group in folders.items():
            scanned = self._memory.watches.scan(Path(folder), again=True)
            tried += group
            taken_in += scanned.taken_in.stored + scanned.taken_in.new_versions
        with self._wiring.database.write(durable=True) as connection:
            mended = problems.drop_mended(connection, tried)
        return RetryReport(len(tried), mended, taken_in, tuple(out_of_reach))

    def clear(self, ids: Iterable[int] | None = None) -> int:
        """Take problems off the list, all of them without `ids`, and return how many.

        One that is met again comes back. Raises `NotFoundError` for an unknown id.
        """
        chosen = None if ids is None else [one.id for one in self._chosen(ids)]
        with self._wiring.database.write(durable=True) as connection:
            return problems.clear(connection, chosen)

    def _chosen(self, ids: Iterable[int] | None) -> Sequence[StoredProblem]:
        listed = self.list()
        if ids is None:
            return listed
        known = {one.id: one for one in listed}
        wanted = list(dict.fromkeys(ids))
        for number in wanted:
            if number not in known:
                raise NotFoundError("problem", str(number))
        return [known[number] for number in wanted]

    def _offer_again(
        self,
        offer: Offer,
        group: Sequence[StoredProblem],
        on_progress: Callable[[ImportReport], None],
    ) -> ImportReport:
        path = Path(offer.path)
        places = [one.place for one in group]
        is_folder = path.is_dir()

        def is_wanted(name: str) -> bool:
            # A place begins with the file's name, or the file's name is within it.
            return not is_folder or any(name in place for place in places)

        return self._memory.import_path(
            path,
            format_name=offer.format_name,
            is_mine=offer.is_mine,
            me=offer.me,
            timezone=offer.timezone,
            is_wanted=is_wanted,
            on_progress=on_progress,
        )
