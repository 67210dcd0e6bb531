"""Text of windows by the accessibility tree (AT-SPI over D-Bus): exact, and without pixels.

Only windows of applications that have a tree already give one: nothing is switched on for it. What
an application says of itself is as little trusted as its pixels. `AccessibleTexts.lines` returns
None whenever the tree is not there, too large, too slow or odd; then pixels are read. What stands
in a password field is never asked for.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, TypeAlias

from memassist.ingest.capture.desktop import Area
from memassist.ingest.readers.picture_layout import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jeepney.io.blocking import DBusConnection

    from memassist.ingest.capture.desktop import Window

Node: TypeAlias = str
"""Path of an accessible object of one application."""

WALK_SECONDS = 0.6
"""For one window; a tree of 500 objects takes about that."""
ANSWER_SECONDS = 0.3
CONNECT_AGAIN_SECONDS = 60.0
LEFT_ALONE_SECONDS = 60.0
"""So long a process is not asked again that was slow, told too much, or nonsense."""
MOST_OBJECTS = 800
MOST_LINES = 300
LONGEST_LINE = 2_000
_BUS, _BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_COMPONENT = "org.a11y.atspi.Component"
_TEXT = "org.a11y.atspi.Text"
_ROOT = "/org/a11y/atspi/accessible/root"
_ACTIVE, _SHOWING = 1 << 1, 1 << 25
_PASSWORD = 40
"""Role of a field whose letters are hidden."""
_SCREEN_COORDINATES = 0
_BY_LINE = 3
_EMBEDDED = "\N{OBJECT REPLACEMENT CHARACTER}"


class _NoAnswerError(Exception):
    """An application said no, or something else than was asked."""


_ODD = (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError, struct.error)
"""What may come of a bus that is gone (`OSError`), or of a message that is none."""


class AccessibleTexts:
    """Connections to the buses, opened when first needed. One thread's."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._connection: DBusConnection | None = None
        self._tried_at = -CONNECT_AGAIN_SECONDS
        self._deadline = 0.0
        self._left_alone: dict[int, float] = {}

    def lines(self, window: Window, process_id: int) -> tuple[Line, ...] | None:
        """Return the lines that a window shows, in places on its picture; None without a tree.

        A line without text is the place of a password field.
        """
        now = time.monotonic()
        if now < self._left_alone.get(process_id, 0.0):
            return None
        self._deadline = now + WALK_SECONDS
        try:
            if not self._connect():
                return None
            found = self._frame_of(window, process_id)
            return None if found is None else tuple(self._walk(*found, window))
        except (_NoAnswerError, TimeoutError):
            self._left_alone = {one: end for one, end in self._left_alone.items() if end > now}
            self._left_alone[process_id] = now + LEFT_ALONE_SECONDS
            return None
        except _ODD:
            self.close()
            return None

    def close(self) -> None:
        """Let go of the bus."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self) -> bool:
        from jeepney.io.blocking import open_dbus_connection

        if self._connection is not None:
            return True
        if time.monotonic() - self._tried_at < CONNECT_AGAIN_SECONDS:
            return False
        self._tried_at = time.monotonic()
        with open_dbus_connection("SESSION") as session:
            # Asking for its address would start it where it does not run.
            (is_there,) = _ask(
                session, _BUS, _BUS_PATH, _BUS, "NameHasOwner", "s", ("org.a11y.Bus",)
            )
            if not is_there:
                return False
            (address,) = _ask(
                session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"
            )
        self._connection = open_dbus_connection(str(address))
        return True

    def _call(
        self, name: str, path: Node, interface: str, method: str, kind: str = "", *body: object
    ) -> tuple[object, ...]:
        assert self._connection is not None
        if time.monotonic() > self._deadline:
            raise _NoAnswerError("too slow")
        return _ask(self._connection, name, path, interface, method, kind, body)

    def _frame_of(self, window: Window, process_id: int) -> tuple[str, Node] | None:
        """Return the application's name on the bus and its window with the same title."""
        registry = "org.a11y.atspi.Registry"
        for name, path in self._children(registry, _ROOT):
            try:
                asked = self._call(_BUS, _BUS_PATH, _BUS, "GetConnectionUnixProcessID", "s", name)
            except _NoAnswerError:
                continue  # it ended since
            if asked[0] != process_id:
                continue
            titled = [
                frame
                for _, frame in self._children(name, path)
                if self._name(name, frame).strip() == window.title
            ]
            if len(titled) > 1:
                titled = [one for one in titled if self._state(name, one) & _ACTIVE]
            if len(titled) == 1:
                return name, titled[0]
        return None

    def _walk(self, name: str, frame: Node, window: Window) -> Iterator[Line]:
        waiting = [frame]
        objects = lines = 0
        while waiting:
            node = waiting.pop()
            objects += 1
            if objects > MOST_OBJECTS or lines > MOST_LINES:
                raise _NoAnswerError("too large")
            if not self._state(name, node) & _SHOWING:
                continue
            interfaces = self._call(name, node, _ACCESSIBLE, "GetInterfaces")[0]
            (role,) = self._call(name, node, _ACCESSIBLE, "GetRole")
            if not isinstance(interfaces, list):
                raise _NoAnswerError("no interfaces")
            if role == _PASSWORD:
                found = [("", self._place(name, node))]
            else:
                children = [path for _, path in self._children(name, node)]
                waiting += reversed(children)
                found = self._texts(name, node, interfaces, window.area, is_leaf=not children)
            for text, place in found:
                shown = place.cut_to(window.area)
                words = " ".join(text.replace(_EMBEDDED, " ").split())[:LONGEST_LINE]
                if shown is not None and (words or role == _PASSWORD):
                    lines += 1
                    yield Line(
                        words,
                        shown.left - window.area.left,
                        shown.top - window.area.top,
                        shown.right - window.area.left,
                        shown.bottom - window.area.top,
                    )

    def _texts(
        self, name: str, node: Node, interfaces: list[object], within: Area, *, is_leaf: bool
    ) -> list[tuple[str, Area]]:
        if _TEXT in interfaces:
            return self._text(name, node, within)
        if is_leaf and _COMPONENT in interfaces:
            return [(self._name(name, node), self._place(name, node))]
        return []

    def _text(self, name: str, node: Node, within: Area) -> list[tuple[str, Area]]:
        """Return the lines of a text that stand in its visible part."""
        place = self._place(name, node).cut_to(within)
        if place is None:
            return []
        at = (place.left + 2, place.top + 2, _SCREEN_COORDINATES)
        (start,) = self._call(name, node, _TEXT, "GetOffsetAtPoint", "iiu", *at)
        offset = max(0, _number(start))
        found: list[tuple[str, Area]] = []
        while len(found) <= MOST_LINES:
            told = self._call(name, node, _TEXT, "GetStringAtOffset", "iu", offset, _BY_LINE)
            text, first, last = str(told[0]), _number(told[1]), _number(told[2])
            if last <= first or (found and last <= offset):
                break
            asked = (first, last, _SCREEN_COORDINATES)
            numbers = self._call(name, node, _TEXT, "GetRangeExtents", "iiu", *asked)
            area = Area(*map(_number, numbers))
            if area.top >= place.bottom:
                break
            if area.width > 0 and area.height > 0:
                found.append((text, area))
            offset = last
        return found

    def _place(self, name: str, node: Node) -> Area:
        (told,) = self._call(name, node, _COMPONENT, "GetExtents", "u", _SCREEN_COORDINATES)
        if not isinstance(told, tuple):
            raise _NoAnswerError("no place")
        return Area(*map(_number, told))

    def _children(self, name: str, node: Node) -> list[tuple[str, Node]]:
        (told,) = self._call(name, node, _ACCESSIBLE, "GetChildren")
        if not isinstance(told, list):
            raise _NoAnswerError("no children")
        return [(str(owner), str(path)) for owner, path in told]

    def _name(self, name: str, node: Node) -> str:
        properties = "org.freedesktop.DBus.Properties"
        (told,) = self._call(name, node, properties, "Get", "ss", _ACCESSIBLE, "Name")
        return str(told[1]) if isinstance(told, tuple) else ""

    def _state(self, name: str, node: Node) -> int:
        (told,) = self._call(name, node, _ACCESSIBLE, "GetState")
        return _number(told[0]) if isinstance(told, list) else 0


def _ask(
    connection: DBusConnection,
    name: str,
    path: str,
    interface: str,
    method: str,
    kind: str = "",
    body: tuple[object, ...] = (),
) -> tuple[object, ...]:
    from jeepney import DBusAddress, MessageType, new_method_call

    address = DBusAddress(path, bus_name=name, interface=interface)
    message = new_method_call(address, method, kind or None, body)
    reply = connection.send_and_get_reply(message, timeout=ANSWER_SECONDS)
    if reply.header.message_type == MessageType.error or not isinstance(reply.body, tuple):
        raise _NoAnswerError(method)
    return reply.body


def _number(told: object) -> int:
    if not isinstance(told, int):
        raise _NoAnswerError("no number")
    return told
