"""Wayland under sway: windows and titles by sway's own socket, pixels by grim.

Wayland lets no program see the windows of others; a compositor may tell of them in its own way, and
sway does (sway-ipc(7)). It tells when another window comes to the front or gets another title, but
not when one shows something new, so that is looked at every few seconds, more seldom while nothing
changes. How long nobody touched a key is what swayidle tells (idle.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import time
from typing import TYPE_CHECKING

import psutil

from memassist.ingest.capture.accessible import AccessibleTexts
from memassist.ingest.capture.desktop import Area, View, Window
from memassist.ingest.capture.errors import DesktopLostError, NoDesktopError
from memassist.ingest.capture.idle import IdleWatch
from memassist.ingest.capture.locks import SessionLock
from memassist.ingest.capture.stacked import (
    LookTimer,
    Stacked,
    beside_of,
    front_of,
    greatest_part,
)
from memassist.ingest.capture.sway_sign import SwaySign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.ingest.capture.desktop import Beside, Pixels, Signal
    from memassist.ingest.readers.picture_layout import Line
    from memassist.ingest.readers.values import JsonValue

LOCKERS = frozenset({"swaylock", "gtklock", "waylock", "hyprlock", "schlock"})
"""Processes that are there as long as the screen is locked."""
LOCK_SECONDS = 1.0
ANSWER_SECONDS = 10.0
_MAGIC = b"i3-ipc"
_HEADER = struct.Struct("=6sII")
_SUBSCRIBE, _GET_OUTPUTS, _GET_TREE = 2, 3, 4
_MOST_BYTES = 64 << 20


class SwayDesktop:
    """The desktop of the sway that SWAYSOCK names."""

    def __init__(self) -> None:
        """Connect. Raises `NoDesktopError`."""
        self._grim = shutil.which("grim")
        if self._grim is None:
            raise NoDesktopError(
                "This is a Wayland session under sway, where grim takes the pixels, and there is"
                " no grim.",
                "Install it (apt install grim, dnf install grim), and start the capture again.",
            )
        self._session_lock, self._idle = SessionLock(), IdleWatch()
        self._locked_at, self._is_locker_there = -LOCK_SECONDS, False
        self._front, self._processes = 0, dict[int, int]()
        self._accessible, self._sign = AccessibleTexts(), SwaySign()
        self._timer = LookTimer()
        try:
            self._asked, self._events = _connected(), _connected()
            _send(self._events, _SUBSCRIBE, b'["window","workspace","output"]')
            _receive(self._events)
        except (OSError, KeyError, DesktopLostError) as error:
            raise NoDesktopError("sway does not answer.", "Check SWAYSOCK.") from error

    def view(self) -> View:
        """Return what is in front now. Raises `DesktopLostError`."""
        front, above = front_of(self._shown())
        if front is not None:
            self._front = front.id
        return View(front, above, self._is_locked(), self._idle.seconds())

    def beside(self) -> tuple[Beside, ...]:
        """Return the other windows that are shown, the lowest first. Raises `DesktopLostError`."""
        return beside_of(self._shown())

    def grab(self, window: Window) -> Pixels:
        """Return the pixels of a window's area as they are shown. Raises `DesktopLostError`.

        Of a monitor with a scale they are those of a scale of one.
        """
        import numpy as np

        area = window.area
        place = f"{area.left},{area.top} {area.width}x{area.height}"
        command = [self._grim or "grim", "-s", "1", "-t", "ppm", "-g", place, "-"]
        try:
            taken = subprocess.run(
                command, capture_output=True, timeout=ANSWER_SECONDS, check=True
            ).stdout
            kind, size, largest, colours = taken.split(b"\n", 3)
            width, height = map(int, size.split())
            if (kind, largest) != (b"P6", b"255"):
                raise ValueError(kind)
            pixels = np.zeros((height, width, 4), np.uint8)
            pixels[:, :, :3] = np.frombuffer(colours, np.uint8).reshape(height, width, 3)[
                :, :, ::-1
            ]
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            raise DesktopLostError("grim gives no pixels.") from error
        if window.id == self._front:
            self._timer.took(taken)
        return pixels

    def lines(self, window: Window) -> tuple[Line, ...] | None:
        """Return the text of a window by the accessibility tree, None without one."""
        process_id = self._processes.get(window.id)
        if process_id is None:
            return None
        return self._accessible.lines(window, process_id, is_place_known=False)

    def wait(self, timeout_seconds: float) -> Signal | None:
        """Return as soon as something changes; None after the time-out."""
        self._idle.seconds()
        wait = min(timeout_seconds, self._timer.seconds_until_due())
        try:
            ready, _, _ = select.select([self._events], [], [], wait)
            while ready:
                _receive(self._events)
                ready, _, _ = select.select([self._events], [], [], 0)
                if not ready:
                    self._timer.changed()
                    return "window"
        except OSError as error:
            raise DesktopLostError("sway closed the connection.") from error
        return self._timer.due()

    def show_sign(self, is_on: bool) -> None:
        """Show a red bar at the top of each output, or take it away. Raises `DesktopLostError`.

        Nothing happens where sway runs no Xwayland.
        """
        self._sign.show(self._outputs() if is_on else ())

    def close(self) -> None:
        """Close both connections, and end what counts the rests."""
        self._asked.close()
        self._events.close()
        self._idle.close()
        self._accessible.close()
        self._sign.close()

    def _is_locked(self) -> bool:
        now = time.monotonic()
        if now - self._locked_at >= LOCK_SECONDS:
            self._locked_at = now
            names = (one.info["name"] for one in psutil.process_iter(["name"]))
            self._is_locker_there = any(name in LOCKERS for name in names)
        return self._is_locker_there or self._session_lock.is_locked()

    def _shown(self) -> list[Stacked]:
        """Return the visible windows, the lowest first."""
        monitors, tree = self._outputs(), self._ask(_GET_TREE)
        if not isinstance(tree, dict):
            return []
        self._processes = dict(_processes(tree))
        return list(_windows(tree, monitors))

    def _outputs(self) -> list[Area]:
        told = _objects(self._ask(_GET_OUTPUTS))
        return [_area(one.get("rect")) for one in told if one.get("active")]

    def _ask(self, kind: int) -> JsonValue:
        try:
            _send(self._asked, kind)
            return _receive(self._asked)
        except OSError as error:
            raise DesktopLostError("sway closed the connection.") from error


def _windows(node: dict[str, JsonValue], monitors: list[Area]) -> Iterator[Stacked]:
    """Yield the visible windows of a part of sway's tree: floating ones lie above the others."""
    inner = [*_objects(node.get("nodes")), *_objects(node.get("floating_nodes"))]
    for one in inner:
        yield from _windows(one, monitors)
    if inner or not node.get("visible") or not node.get("pid"):
        return
    outer, place = _area(node.get("rect")), _area(node.get("window_rect"))
    area = Area(outer.left + place.left, outer.top + place.top, place.width, place.height)
    shown = greatest_part(area, monitors)
    if shown is None:
        return
    older = node.get("window_properties")  # of programs that run by Xwayland
    app = node.get("app_id") or (older.get("class") if isinstance(older, dict) else None)
    number = node.get("id")
    yield Stacked(
        Window(
            number if isinstance(number, int) else 0,
            app if isinstance(app, str) else "",
            title.strip() if isinstance(title := node.get("name"), str) else "",
            shown,
        ),
        area,
        bool(node.get("focused")),
    )


def _processes(node: dict[str, JsonValue]) -> Iterator[tuple[int, int]]:
    """Yield numbers of windows in a part of sway's tree, each with that of its process."""
    for one in [*_objects(node.get("nodes")), *_objects(node.get("floating_nodes"))]:
        yield from _processes(one)
    number, process_id = node.get("id"), node.get("pid")
    if isinstance(number, int) and isinstance(process_id, int):
        yield number, process_id


def _objects(told: JsonValue) -> list[dict[str, JsonValue]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _area(told: JsonValue) -> Area:
    numbers = told if isinstance(told, dict) else {}
    left, top, width, height = (
        number if isinstance(number := numbers.get(name), int) else 0
        for name in ("x", "y", "width", "height")
    )
    return Area(left, top, width, height)


def _connected() -> socket.socket:
    """Return a connection to sway. Raises `OSError`, and `KeyError` where SWAYSOCK is not set."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(connection.close)
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(os.environ["SWAYSOCK"])
        cleanup.pop_all()
    return connection


def _send(connection: socket.socket, kind: int, body: bytes = b"") -> None:
    connection.sendall(_HEADER.pack(_MAGIC, len(body), kind) + body)


def _receive(connection: socket.socket) -> JsonValue:
    """Return one message. Raises `OSError` and `DesktopLostError`."""
    magic, length, _ = _HEADER.unpack(_exactly(connection, _HEADER.size))
    if magic != _MAGIC or length > _MOST_BYTES:
        raise DesktopLostError("What answers at SWAYSOCK is not sway.")
    try:
        told: JsonValue = json.loads(_exactly(connection, length))
    except ValueError as error:
        raise DesktopLostError("What answers at SWAYSOCK is not sway.") from error
    return told


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            raise DesktopLostError("sway closed the connection.")
        parts += part
    return bytes(parts)
