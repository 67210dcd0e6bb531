"""Text of windows by the accessibility tree (AT-SPI over D-Bus): exact, and without pixels.

Only windows of applications that have a tree already give one: nothing is switched on for it. What
an application says of itself is as little trusted as its pixels. `AccessibleTexts.lines` returns
None whenever the tree is not there, too large, too slow or odd; then pixels are read. What stands
in a password field is never asked for.
"""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass, replace
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
_HYPERTEXT = "org.a11y.atspi.Hypertext"
_COLLECTION = "org.a11y.atspi.Collection"
_DOCUMENT = "org.a11y.atspi.Document"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ROOT = "/org/a11y/atspi/accessible/root"
_ACTIVE, _SHOWING = 1 << 1, 1 << 25
_PASSWORD = 40
"""Role of a field whose letters are hidden."""
_OF_SCREEN, _OF_WINDOW = 0, 1
"""What coordinates count from."""
_BY_LINE, _FROM_LINE_START = 3, 5
_ALL, _IN_TREE_ORDER = 1, 1
_MATCHES = "(aiia{ss}iaiiasib)uib"
_SHOWN_ONLY: tuple[object, ...] = ([_SHOWING, 0], _ALL, {}, _ALL, [], _ALL, [], _ALL, False)
"""A rule of matching: objects that are shown, whatever they are."""
ONE_LINE_PIXELS = 28
"""A text that is lower has one line."""
_FIRST_POINTS = ((2, 2), (10, 6), (10, 26), (10, 60), (70, 6), (70, 40))
"""Right of and below a text's corner: where Qt has a margin or an empty line it knows no letter."""
_EMBEDDED = "\N{OBJECT REPLACEMENT CHARACTER}"


class _NoAnswerError(Exception):
    """An application said no, or something else than was asked."""


_ODD = (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError, struct.error)
"""What may come of a bus that is gone (`OSError`), or of a message that is none."""


@dataclass(frozen=True, slots=True)
class _TextLine:
    """One line of a text, with its end of line."""

    text: str
    start: int
    """In characters of the text, as `stop`, which is one past the last."""
    stop: int
    area: Area


class AccessibleTexts:
    """Connections to the buses, opened when first needed. One thread's."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._connection: DBusConnection | None = None
        self._tried_at = -CONNECT_AGAIN_SECONDS
        self._deadline = 0.0
        self._coordinates = _OF_SCREEN
        self._left_alone: dict[int, float] = {}
        self._without_strings: set[str] = set()
        """Applications that know the older way to ask for a line alone, as those of Qt."""

    def lines(
        self, window: Window, process_id: int, *, is_place_known: bool = True
    ) -> tuple[Line, ...] | None:
        """Return the lines that a window shows, in places on its picture; None without a tree.

        A line without text is the place of a password field. Where applications do not know the
        places of their windows, as under Wayland, only a window that is shown whole has a tree.
        """
        now = time.monotonic()
        if now < self._left_alone.get(process_id, 0.0):
            return None
        self._deadline = now + WALK_SECONDS
        try:
            if not self._connect():
                return None
            found = self._frame_of(window, process_id)
            self._coordinates = _OF_SCREEN if is_place_known else _OF_WINDOW
            if found is not None and not is_place_known:
                window = replace(window, area=replace(window.area, left=0, top=0))
                if self._place(*found) != window.area:
                    return None  # part of it lies outside, or it draws a shadow around itself
            return None if found is None else with_inner_texts(list(self._walk(*found, window)))
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
        below_document: set[Node] = set()
        hidden: list[Area] = []
        objects = lines = 0
        while waiting:
            node = waiting.pop()
            objects += 1
            if objects > MOST_OBJECTS or lines > MOST_LINES:
                raise _NoAnswerError("too large")
            if node not in below_document and not self._state(name, node) & _SHOWING:
                continue
            interfaces = self._call(name, node, _ACCESSIBLE, "GetInterfaces")[0]
            (role,) = self._call(name, node, _ACCESSIBLE, "GetRole")
            if not isinstance(interfaces, list):
                raise _NoAnswerError("no interfaces")
            if role == _PASSWORD:
                hidden.append(self._place(name, node))
                found = [("", hidden[-1])]
            else:
                if node not in below_document:
                    below = self._below(name, node, interfaces)
                    waiting += reversed(below)
                    if _DOCUMENT in interfaces:
                        below_document.update(below)
                found = self._texts(name, node, interfaces, window.area)
            for text, place in found:
                shown = place.cut_to(window.area)
                words = " ".join(text.split())[:LONGEST_LINE]
                if shown is None or (words and any(_is_in(shown, one) for one in hidden)):
                    continue  # what stands in a password field may be an object of its own
                if words or role == _PASSWORD:
                    lines += 1
                    yield Line(
                        words,
                        shown.left - window.area.left,
                        shown.top - window.area.top,
                        shown.right - window.area.left,
                        shown.bottom - window.area.top,
                    )

    def _below(self, name: str, node: Node, interfaces: list[object]) -> list[Node]:
        """Return the children; of a document all that is shown below it, however long it is."""
        if not (_DOCUMENT in interfaces and _COLLECTION in interfaces):
            return [path for _, path in self._children(name, node)]
        ask = (_SHOWN_ONLY, _IN_TREE_ORDER, MOST_OBJECTS, True)
        (told,) = self._call(name, node, _COLLECTION, "GetMatches", _MATCHES, *ask)
        return [path for _, path in _objects(told)]

    def _texts(
        self, name: str, node: Node, interfaces: list[object], within: Area
    ) -> list[tuple[str, Area]]:
        if _TEXT in interfaces:
            return self._text(name, node, interfaces, within)
        if _COMPONENT in interfaces and not self._property(name, node, _ACCESSIBLE, "ChildCount"):
            return [(self._name(name, node), self._place(name, node))]
        return []

    def _text(
        self, name: str, node: Node, interfaces: list[object], within: Area
    ) -> list[tuple[str, Area]]:
        """Return the lines of a text that stand in its visible part."""
        whole = self._place(name, node)
        place = whole.cut_to(within)
        if place is None:
            return []
        if whole.height < ONE_LINE_PIXELS:
            (told,) = self._call(name, node, _TEXT, "GetText", "ii", 0, -1)
            return [(str(told), whole)]
        count = _number(self._property(name, node, _TEXT, "CharacterCount"))
        if _HYPERTEXT in interfaces:
            first = min(count, LONGEST_LINE)
            (told,) = self._call(name, node, _TEXT, "GetText", "ii", 0, first)
            if not str(told).replace(_EMBEDDED, "").strip():
                return []  # what holds other texts and says nothing itself
        offset, before, top = self._first_offset(name, node, place), -1, -(1 << 31)
        found: list[tuple[str, Area]] = []
        while offset < count and len(found) <= MOST_LINES:
            line = self._line(name, node, offset)
            if line is not None and line.start > before:
                if line.area.top <= top:
                    return []  # each in the same place, as of Qt's plain texts: none is known
                if line.area.top >= place.bottom:
                    break
                if line.area.bottom > place.top and line.area.width > 0 and line.area.height > 0:
                    found.append((line.text, line.area))
                before, top = line.start, line.area.top
            # Where an end of line belongs to no line, it is stepped over.
            offset = max(offset + 1, 0 if line is None else line.stop)
        return found

    def _first_offset(self, name: str, node: Node, place: Area) -> int:
        """Return where the first line begins that is seen, 0 where the text does not tell."""
        for right, down in _FIRST_POINTS:
            at = (place.left + right, place.top + down, self._coordinates)
            if right >= place.width or down >= place.height:
                continue
            (told,) = self._call(name, node, _TEXT, "GetOffsetAtPoint", "iiu", *at)
            offset = _number(told)
            if offset >= 0:
                break
        else:
            return 0
        while offset > 0:
            line = self._line(name, node, offset - 1)
            if line is None or line.area.bottom <= place.top or line.start >= offset:
                break
            offset = line.start
        return offset

    def _line(self, name: str, node: Node, offset: int) -> _TextLine | None:
        """Return the line that an offset lies in, None for an empty one."""
        told: tuple[object, ...] | None = None
        if name not in self._without_strings:
            try:
                told = self._call(name, node, _TEXT, "GetStringAtOffset", "iu", offset, _BY_LINE)
            except _NoAnswerError:
                self._without_strings.add(name)
        if told is None:
            told = self._call(name, node, _TEXT, "GetTextAtOffset", "iu", offset, _FROM_LINE_START)
        text, start, stop = str(told[0]), _number(told[1]), _number(told[2])
        if stop <= start:
            return None
        asked = (start, stop, self._coordinates)
        numbers = self._call(name, node, _TEXT, "GetRangeExtents", "iiu", *asked)
        return _TextLine(text, start, stop, Area(*map(_number, numbers)))

    def _place(self, name: str, node: Node) -> Area:
        (told,) = self._call(name, node, _COMPONENT, "GetExtents", "u", self._coordinates)
        if not isinstance(told, tuple):
            raise _NoAnswerError("no place")
        return Area(*map(_number, told))

    def _children(self, name: str, node: Node) -> list[tuple[str, Node]]:
        (told,) = self._call(name, node, _ACCESSIBLE, "GetChildren")
        return _objects(told)

    def _name(self, name: str, node: Node) -> str:
        return str(self._property(name, node, _ACCESSIBLE, "Name"))

    def _property(self, name: str, node: Node, interface: str, wanted: str) -> object:
        (told,) = self._call(name, node, _PROPERTIES, "Get", "ss", interface, wanted)
        if not isinstance(told, tuple):
            raise _NoAnswerError(wanted)
        return told[1]

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


def with_inner_texts(lines: list[Line]) -> tuple[Line, ...]:
    """Return lines with the texts of links and the like put in where a line leaves room for them.

    A browser tells of them as texts of their own, and of a sign in the line that they belong to.
    """
    gone: set[int] = set()
    # In the order of the tree, what a line holds comes after it, and may hold something itself.
    for number, line in reversed(list(enumerate(lines))):
        parts = line.text.split(_EMBEDDED)
        if len(parts) == 1:
            continue
        if not "".join(parts).strip():
            gone.add(number)  # it has nothing but other texts, or a picture
            continue
        place = _place_of(line)
        inner = [
            one
            for one in range(number + 1, len(lines))
            if one not in gone and lines[one].text and _is_in(_place_of(lines[one]), place)
        ]
        inner.sort(key=lambda one: lines[one].left)
        texts = [""] * (len(parts) - 1)
        if len(inner) == len(texts):
            gone.update(inner)
            texts = [lines[one].text for one in inner]
        words = parts[0] + "".join(text + part for text, part in zip(texts, parts[1:], strict=True))
        lines[number] = replace(line, text=" ".join(words.split()))
    return tuple(line for number, line in enumerate(lines) if number not in gone)


def _place_of(line: Line) -> Area:
    return Area(line.left, line.top, line.right - line.left, line.height)


def _objects(told: object) -> list[tuple[str, Node]]:
    if not isinstance(told, list):
        raise _NoAnswerError("no objects")
    return [(str(owner), str(path)) for owner, path in told]


def _is_in(place: Area, field: Area) -> bool:
    shared = place.cut_to(field)
    return shared is not None and shared.width * shared.height > 0.8 * place.width * place.height


def _number(told: object) -> int:
    if not isinstance(told, int):
        raise _NoAnswerError("no number")
    return told
