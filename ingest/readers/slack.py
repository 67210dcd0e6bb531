"""Slack's workspace export: a zip with a folder for each channel and a file for each day.

Names of people and channels are put in for their ids. Every message gives exactly one outcome.
"""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memassist.ingest.readers.archive import (
    MAX_TOTAL_BYTES,
    EntryError,
    entry_problem,
    is_zip,
    open_archive,
    open_entry,
    refuse_encrypted,
)
from memassist.ingest.readers.containers import is_junk, kind_of_zip
from memassist.ingest.readers.json_array import Damage, elements
from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.times import parse_time, zone_of
from memassist.ingest.readers.values import BrokenJsonError, clean, label, parse_json
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, Record, Skipped

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from memassist.ingest.readers.values import JsonValue
    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

_DAY = re.compile(r"^(?:.*/)?([^/]+)/(\d{4}-\d\d-\d\d)\.json$")
_LISTS = ("channels.json", "groups.json", "dms.json", "mpims.json")
_MAX_LIST_BYTES = 64 << 20
_AGAIN = "export the workspace again if you miss it"
_SYSTEM = re.compile(
    r"^(?:channel|group|mpim)_|^(?:bot_add|bot_remove|pinned_item|unpinned_item|reminder_add"
    r"|reminder_delete|tombstone|ekm_access_denied|huddle_thread|sh_room_created)$"
)
_REFERENCE = re.compile(r"<([@#!]?)([^<>|]{0,2000})(?:\|([^<>]{0,2000}))?>")


@dataclass(slots=True)
class _Workspace:
    """What the lists at the top of the export say."""

    options: ReadOptions
    account: str = "slack"
    people: dict[str, str] = field(default_factory=dict)
    """Names to show, by id."""
    mine: set[str] = field(default_factory=set)
    """Ids of whom the person said that they are."""
    channels: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Id and shown name, by folder."""
    channel_names: dict[str, str] = field(default_factory=dict)
    """Names by id."""


class SlackReader:
    """Reads an export of a Slack workspace."""

    name = "slack"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """By the lists of people and channels in a zip."""
        return 0.95 if kind_of_zip(file) == "slack" else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one outcome for each message, by channel and day, and one for each other file."""
        zone_of(options.timezone)
        if not is_zip(file.head):
            raise UnreadableFileError("no zip", "import the zip that Slack made")
        with open_archive(file.path) as archive:
            refuse_encrypted(archive)
            days: list[tuple[str, str, zipfile.ZipInfo]] = []
            left_bytes = MAX_TOTAL_BYTES
            for entry in archive.infolist():
                problem = entry_problem(entry)
                if problem is not None:
                    yield problem
                elif match := _DAY.match(entry.filename):
                    days.append((match[1], match[2], entry))
                elif not is_junk(entry.filename):
                    yield Skipped(entry.filename, "other file of the export")
            if not days:
                raise UnreadableFileError(
                    "no messages in the zip", "import the zip that Slack made, as it is"
                )
            workspace = _workspace(archive, options)
            days.sort(key=lambda day: day[:2])
            for channel, channel_days in itertools.groupby(days, key=lambda day: day[0]):
                sequence = itertools.count()
                for _, _, entry in channel_days:
                    try:
                        with open_entry(archive, entry, left_bytes) as counted:
                            for number, piece in enumerate(elements(counted.read), 1):
                                place = f"{entry.filename}, message {number}"
                                yield _outcome(piece, place, channel, sequence, workspace)
                            counted.read_to_end()
                            left_bytes -= counted.read_bytes
                    except EntryError as error:
                        yield Problem(entry.filename, str(error), _AGAIN)


def _workspace(archive: zipfile.ZipFile, options: ReadOptions) -> _Workspace:
    workspace = _Workspace(options)
    me = {name.strip().casefold() for name in options.me}
    for user in _list(archive, "users.json"):
        user_id = label(user.get("id"))
        if user_id is None:
            continue
        profile = user.get("profile")
        if not isinstance(profile, dict):
            profile = {}
        names = [
            label(profile.get("real_name")),
            label(user.get("real_name")),
            label(profile.get("display_name")),
            label(user.get("name")),
        ]
        workspace.people[user_id] = next((name for name in names if name), user_id)
        known = [*names, label(profile.get("email"))]
        if any(name.casefold() in me for name in known if name):
            workspace.mine.add(user_id)
        team = label(user.get("team_id"))
        if team and workspace.account == "slack":
            workspace.account = f"slack/{team}"
    for list_name in _LISTS:
        for channel in _list(archive, list_name):
            channel_id, name = label(channel.get("id")), label(channel.get("name"))
            folder = name or channel_id
            if channel_id is None or folder is None:
                continue
            members = channel.get("members")
            shown = f"#{name}" if name else "conversation"
            if list_name in ("dms.json", "mpims.json") and isinstance(members, list):
                shown = ", ".join(
                    workspace.people.get(one, one) for one in members if isinstance(one, str)
                )
            # The folder of a direct message is called by its id, that of a channel by its name.
            workspace.channels[folder] = workspace.channels[channel_id] = (channel_id, shown)
            workspace.channel_names[channel_id] = name or shown
    return workspace


def _list(archive: zipfile.ZipFile, name: str) -> Iterator[dict[str, JsonValue]]:
    """The objects of a list at the top of the export; what is broken in it gives no names."""
    for entry in archive.infolist():
        if entry.filename.rpartition("/")[2] != name or entry_problem(entry) is not None:
            continue
        try:
            with open_entry(archive, entry, _MAX_LIST_BYTES) as counted:
                for piece in elements(counted.read):
                    if isinstance(piece, Damage):
                        continue
                    value = parse_json(piece.content)
                    if isinstance(value, dict):
                        yield value
        except (EntryError, BrokenJsonError):
            return


def _outcome(
    piece: object,
    place: str,
    folder: str,
    sequence: Iterator[int],
    workspace: _Workspace,
) -> ReadOutcome:
    if isinstance(piece, Damage):
        return Problem(f"{place} (byte {piece.offset_bytes:,})", piece.reason, _AGAIN)
    try:
        message = parse_json(piece.content)  # type: ignore[attr-defined]  # an Element
    except BrokenJsonError as error:
        return Problem(place, str(error), _AGAIN)
    if not isinstance(message, dict):
        return Problem(place, "not a message", _AGAIN)
    subtype = message.get("subtype")
    if isinstance(subtype, str) and _SYSTEM.search(subtype):
        return Skipped(place, "system line")
    text = _text(message, workspace)
    if not text.strip():
        has_file = bool(message.get("files") or message.get("file"))
        return Skipped(place, "attachment without text" if has_file else "blank text")
    if len(text) > workspace.options.max_text_characters:
        return too_long(place, workspace.options)
    stamp = label(message.get("ts"))
    try:
        occurred_at = None if stamp is None else parse_time(float(stamp), None)
    except ValueError:
        return Problem(place, f"no time: {str(stamp)[:40]!r}")
    user, author = _author(message, workspace)
    is_bot = user is None
    channel_id, channel = workspace.channels.get(folder, (folder, f"#{folder}"))
    metadata: dict[str, FieldValue] = {}
    thread = label(message.get("thread_ts"))
    if thread and thread != stamp:
        metadata["thread"] = thread
    return Record(
        text=text,
        place=place,
        role="tool" if is_bot else "user",
        author=author,
        is_owner=False if is_bot else True if user in workspace.mine else None,
        account=workspace.account,
        conversation=channel_id,
        title=channel,
        native_id=stamp,
        sequence=next(sequence),
        occurred_at=occurred_at,
        metadata=metadata,
    )


def _author(message: dict[str, JsonValue], workspace: _Workspace) -> tuple[str | None, str]:
    """Return the person's id, None for a program, and the name to show."""
    user = label(message.get("user"))
    if user is None and isinstance(comment := message.get("comment"), dict):
        user = label(comment.get("user"))
    if user is not None and message.get("subtype") != "bot_message":
        profile = message.get("user_profile")
        named = label(profile.get("real_name")) if isinstance(profile, dict) else None
        return user, workspace.people.get(user) or named or user
    bot = message.get("bot_profile")
    named = label(bot.get("name")) if isinstance(bot, dict) else None
    return None, label(message.get("username")) or named or label(message.get("bot_id")) or "bot"


def _text(message: dict[str, JsonValue], workspace: _Workspace) -> str:
    """The words of a message, and those of what is attached to it."""
    parts = [message.get("text")]
    attachments = message.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else []:
        if isinstance(attachment, dict):
            found = [attachment.get(name) for name in ("pretext", "title", "text")]
            if not any(isinstance(one, str) and one.strip() for one in found):
                found = [attachment.get("fallback")]
            parts += found
    files = message.get("files")
    for file in files if isinstance(files, list) else []:
        if isinstance(file, dict):
            parts.append(file.get("plain_text") or file.get("preview"))
    texts = dict.fromkeys(
        _resolved(part, workspace) for part in parts if isinstance(part, str) and part.strip()
    )
    # Blocks say again what the text says, unless a program left that out.
    return "\n".join(texts) or "\n".join(_words_of_blocks(message.get("blocks"), workspace))


def _words_of_blocks(blocks: JsonValue, workspace: _Workspace) -> list[str]:
    """The words in blocks of layout, one line for each block or section within one."""
    lines: list[str] = []
    waiting = list(reversed(blocks)) if isinstance(blocks, list) else []
    while waiting:
        block = waiting.pop()
        if not isinstance(block, dict):
            continue
        inner = block.get("elements") or block.get("fields") or []
        elements = inner if isinstance(inner, list) else []
        words = "".join(_word(one, workspace) for one in (block.get("text"), *elements))
        if words.strip():
            lines.append(words.strip())
        # Lists and sections of rich text hold sections.
        nested = [one for one in elements if isinstance(one, dict) and "elements" in one]
        waiting.extend(reversed(nested))
    return lines


def _word(element: JsonValue, workspace: _Workspace) -> str:
    if not isinstance(element, dict):
        return ""
    if element.get("type") == "user":
        user = label(element.get("user_id")) or ""
        return f"@{workspace.people.get(user) or user}"
    words = element.get("text") or element.get("url")
    if isinstance(words, dict):
        words = words.get("text")
    return _resolved(words, workspace, is_exact=True) if isinstance(words, str) else ""


def _resolved(text: str, workspace: _Workspace, *, is_exact: bool = False) -> str:
    """Text with names for ids and without Slack's marks; `&lt;` is only then a bracket."""

    def shown(match: re.Match[str]) -> str:
        mark, target, words = match[1], match[2], match[3]
        if mark == "@":
            return f"@{workspace.people.get(target) or words or target}"
        if mark == "#":
            return f"#{words or workspace.channel_names.get(target) or target}"
        if mark == "!":
            return words or f"@{target.partition('^')[0]}"
        return f"{words} ({target})" if words and words not in target else target

    resolved = html.unescape(_REFERENCE.sub(shown, clean(text)))
    return resolved if is_exact else resolved.strip()
