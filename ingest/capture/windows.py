"""Windows: which windows are shown, whose they are, and where, as the Win32 API tells.

Written to Microsoft's documentation and not yet run on Windows. So what is not as documented leaves
a window out, or all of them: nothing is captured of which it is not known what it is.

An application goes by the name of its program, without its ending: `firefox`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from memassist.ingest.capture.desktop import Window
from memassist.ingest.capture.errors import NoDesktopError
from memassist.ingest.capture.stack_desktop import (
    NOT_SHARED,
    OVERVIEW,
    SEE_THROUGH,
    Look,
    StackDesktop,
)
from memassist.ingest.capture.stacked import (
    COVERS_ALL,
    Stacked,
    greatest_part,
    greatest_share,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.ingest.capture.desktop import Area, Pixels
    from memassist.ingest.capture.windows_calls import Described

ORDINARY_DESKTOP = "Default"
"""The name of the desktop that applications are on; others are those of the lock screen, of the
question for an administrator's leave, and of a screen saver with a password."""
LOCKERS = frozenset({"lockapp", "logonui"})
FRAME = "applicationframehost"
"""The program that frames the windows of applications from the store."""
TOOL_WINDOW = 0x80
"""WS_EX_TOOLWINDOW: a palette or the like, which the task bar does not list."""
SHELL_CLASSES = frozenset(
    {"Progman", "WorkerW", "Shell_TrayWnd", "Shell_SecondaryTrayWnd", "NotifyIconOverflowWindow"}
)
"""The desktop's background and the task bars."""
OVERVIEW_CLASSES = frozenset(
    {"XamlExplorerHostIslandWindow", "MultitaskingViewFrame", "TaskSwitcherWnd"}
)
"""What Task View and Alt+Tab are drawn in, with pictures of other windows; no documentation names
them."""
OPAQUE = 255


class Calls(Protocol):
    """What is asked of Windows: see `windows_calls.Win32Calls`."""

    def windows(self) -> Sequence[Described]:
        """Return the visible top-level windows, the topmost first."""

    def front(self) -> int:
        """Return the handle of the one that has the keyboard, 0 for none."""

    def name_of(self, process_id: int) -> str:
        """Return the name of a process's program, empty where it is not told."""

    def displays(self) -> Sequence[Area]:
        """Return what each monitor shows."""

    def input_desktop(self) -> str | None:
        """Return the name of the desktop that gets the input, None where it is not told."""

    def is_saver_on(self) -> bool:
        """Whether the screen saver runs."""

    def idle_seconds(self) -> float:
        """Return seconds since any input."""

    def grab(self, area: Area) -> Pixels:
        """Return the pixels of an area. Raises `DesktopLostError`."""

    def close(self) -> None:
        """Let go of all."""


class WindowsScreen:
    """The screen of the session that this process belongs to."""

    def __init__(self, calls: Calls) -> None:
        """Take what is asked."""
        self._calls = calls

    def look(self) -> Look:
        """Return what is there now."""
        calls = self._calls
        idle_seconds = calls.idle_seconds()
        if calls.input_desktop() != ORDINARY_DESKTOP or calls.is_saver_on():
            return Look(is_locked=True, idle_seconds=idle_seconds)
        displays = calls.displays()
        shown = [
            one
            for one in calls.windows()
            if not one.is_minimised
            and not one.cloaked
            and one.alpha > 0
            and greatest_part(one.area, displays) is not None
        ]
        apps = _apps(shown, calls)
        covering = [one for one in shown if greatest_share(one.area, displays) >= COVERS_ALL]
        if any(apps[one.handle].casefold() in LOCKERS for one in covering):
            return Look(is_locked=True, idle_seconds=idle_seconds)
        return _look(shown, apps, calls.front(), displays, idle_seconds)

    def grab(self, area: Area) -> Pixels:
        """Return the pixels of an area as they are shown. Raises `DesktopLostError`."""
        return self._calls.grab(area)

    def close(self) -> None:
        """Let go of the screen."""
        self._calls.close()


def open_windows_desktop() -> StackDesktop:
    """Return the desktop of this session. Raises `NoDesktopError`."""
    from memassist.ingest.capture.windows_calls import Win32Calls

    try:
        calls = Win32Calls()
    except ImportError as error:
        raise NoDesktopError(
            "pywin32 is missing, through which Windows tells its windows.",
            "Install memassist again; on Windows it brings pywin32.",
        ) from error
    return StackDesktop(WindowsScreen(calls))


def _apps(shown: Iterable[Described], calls: Calls) -> dict[int, str]:
    """Return the application of each window by its handle; empty where it is not told."""
    names: dict[int, str] = {}  # for one look: a process's number is given again

    def name_of(process_id: int) -> str:
        if process_id not in names:
            name = calls.name_of(process_id)
            names[process_id] = name[:-4] if name.casefold().endswith(".exe") else name
        return names[process_id]

    apps = {}
    for one in shown:
        name = name_of(one.process_id)
        if name.casefold() == FRAME:
            # Whose window is in the frame; not told of one that is only just starting.
            inner = [name_of(process_id) for process_id in one.inner_process_ids]
            name = inner[0] if len(inner) == 1 else ""
        apps[one.handle] = name
    return apps


def _look(
    shown: Sequence[Described],
    apps: dict[int, str],
    front: int,
    displays: Sequence[Area],
    idle_seconds: float,
) -> Look:
    """Return the windows as one stack."""
    stack: list[Stacked] = []
    why_none = ""
    for one in reversed(shown):
        part = greatest_part(one.area, displays)
        if part is None:
            continue
        # What gets no name is not captured, and where it lies above another it is painted over.
        is_overview = one.class_name in OVERVIEW_CLASSES
        is_shared = one.affinity == 0 and not is_overview
        is_shell = one.class_name in SHELL_CLASSES
        is_capturable = is_shared and not is_shell and one.alpha == OPAQUE
        if one.handle == front and not is_capturable and not is_shell:
            unshared = OVERVIEW if is_overview else NOT_SHARED
            why_none = SEE_THROUGH if is_shared else unshared
        app, title = (apps[one.handle], one.title) if is_shared else ("", "")
        stack.append(
            Stacked(
                Window(one.handle, app, title, part),
                one.area,
                # Where the one in front can't be captured, there is none.
                is_focused=one.handle == front and is_capturable,
                is_ordinary=is_capturable and not one.extended_style & TOOL_WINDOW,
            )
        )
    return Look(tuple(stack), idle_seconds=idle_seconds, why_none=why_none)
