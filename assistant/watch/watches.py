"""Watched folders, for the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.assistant.errors import WatchError
from memassist.store import watches

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memassist.assistant.watch.exclusions import Excluded
    from memassist.assistant.watch.scan import ScanReport
    from memassist.assistant.wiring import Wiring
    from memassist.ingest.pipeline import ImportSettings
    from memassist.store.watches import Watch


class Watches:
    """Folders that are watched. What was taken in of them stays when they are watched no more."""

    def __init__(self, wiring: Wiring, settings: Callable[[], ImportSettings]) -> None:
        self._wiring = wiring
        self._settings = settings

    def list(self) -> list[Watch]:
        """Return all watched folders, by their paths."""
        return watches.list_watches(self._wiring.database.read())

    def add(self, path: Path, *, is_mine: bool = False) -> Watch:
        """Watch a folder from now on; one that is watched already gets the new `is_mine`.

        Nothing is read before `scan`. Raises `WatchError` for what is no folder, for the home
        itself, and for a folder inside or around a watched one, whose files would come twice.
        """
        try:
            root = path.expanduser().resolve(strict=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise WatchError(f"There is no folder {path}.", "Check the path.") from error
        if not root.is_dir():
            raise WatchError(f"{path} is no folder.", "Watch the folder it is in.")
        if root.is_relative_to(self._wiring.home.resolve()):
            raise WatchError("The home itself can't be watched.")
        with self._wiring.database.write(durable=True) as connection:
            for other in watches.list_watches(connection):
                if other.path == root:
                    continue
                if root.is_relative_to(other.path):
                    raise WatchError(f"{root} is watched already, as a part of {other.path}.")
                if other.path.is_relative_to(root):
                    raise WatchError(
                        f"{other.path}, a part of {root}, is watched already.",
                        f"First: memassist watch remove {other.path}",
                    )
            return watches.add(connection, root, is_mine=is_mine)

    def remove(self, path: Path) -> Watch:
        """Watch a folder no more. Raises `NotFoundError`."""
        with self._wiring.database.write(durable=True) as connection:
            watch = watches.get(connection, _whole(path))
            watches.remove(connection, watch.row_id)
            return watch

    def get(self, path: Path | None, *, holding: str = "") -> Watch:
        """Return one watched folder; without a path the only one there is, or that `holding` is in.

        Raises `NotFoundError`, and `WatchError` where there are several.
        """
        from memassist.assistant.watch.exclusions import place_in

        connection = self._wiring.database.read()
        if path is not None:
            return watches.get(connection, _whole(path))
        every = watches.list_watches(connection)
        if not every:
            raise WatchError("No folder is watched.", "Watch one: memassist watch add PATH")
        for one in every:
            if len(every) == 1 or place_in(one.path, holding) is not None:
                return one
        named = "\n".join(f"  --in {one.path}" for one in every)
        raise WatchError("Several folders are watched.", f"Name the folder:\n{named}")

    def stored_of_left_out(self, watch: Watch) -> Excluded:
        """Return what is stored of files that the folder's rules leave out now."""
        from memassist.assistant.watch.exclusions import stored_of_left_out

        return stored_of_left_out(self._wiring.database.read(), watch)

    def scan(
        self,
        path: Path,
        *,
        settled_seconds: float = 0.0,
        again: bool = False,
        on_progress: Callable[[ScanReport], None] = lambda report: None,
    ) -> ScanReport:
        """Take in what is new or changed in a watched folder; jobs follow by `Memory.work`.

        Files that changed within `settled_seconds` are left for the next time; `again` reads
        unchanged ones too, as after a reader got better. Raises `NotFoundError`.
        """
        from memassist.assistant.watch.scan import Scan

        wiring = self._wiring
        watch = watches.get(wiring.database.read(), _whole(path))
        scan = Scan(
            wiring.database, watch, wiring.readers(), self._settings(), wiring.home.resolve()
        )
        return scan.run(settled_seconds=settled_seconds, again=again, on_progress=on_progress)


def _whole(path: Path) -> Path:
    """Return a path as watches have it, also of a folder that is gone."""
    return path.expanduser().resolve()
