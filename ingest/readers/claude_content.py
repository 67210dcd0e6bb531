"""One conversation, or one project, of a Claude export.

Every message gives exactly one outcome for what was said in it, and one more for each of its
blocks of thinking, tool call or tool result, each attachment and each file. Messages that name
their parents form a tree; what is not on the way to the current leaf is kept and marked.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.times import parse_time
from memassist.ingest.readers.values import clean, label
from memassist.plugins.types import Problem, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from memassist.ingest.readers.values import JsonValue
    from memassist.plugins.types import FieldValue, Kind, ReadOptions, ReadOutcome, Role

ACCOUNT = "claude"
"""One for all exports, so that a message is the same item from the zip and from the bare file."""

_THINKING = frozenset({"thinking", "redacted_thinking"})
_CALLS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
_RESULTS = ("tool_result",)
_PLACEHOLDER = "This block is not supported on your current device yet"
"""What stands in the flattened text for a block of another kind."""

_SENDERS: dict[str, Role] = {"human": "user", "user": "user", "assistant": "assistant"}


@dataclass(slots=True)
class _Conversation:
    id: str | None
    title: str | None
    model: str | None
    options: ReadOptions
    zone: tzinfo | None
    sequence: Iterator[int] = field(default_factory=itertools.count)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A message and all that its outcomes share."""

    conversation: _Conversation
    place: str
    id: str | None
    role: Role
    occurred_at: datetime | None
    is_main_branch: bool

    def record(
        self,
        text: str,
        part: str = "",
        *,
        role: Role | None = None,
        kind: Kind = "message",
        title: str | None = None,
        metadata: dict[str, FieldValue] | None = None,
    ) -> ReadOutcome:
        """Return what was said, or a `part` of the turn that is something else."""
        place = f"{self.place}, {part}" if part else self.place
        if not text.strip():
            return Skipped(place, "blank text")
        if len(text) > self.conversation.options.max_text_characters:
            return too_long(place, self.conversation.options)
        role = role or self.role
        conversation = self.conversation
        return Record(
            text=text,
            place=place,
            kind=kind,
            role=role,
            author=(conversation.model or "Claude") if role == "assistant" else None,
            # What somebody attaches was mostly written by others.
            is_owner=role == "user" and not part,
            account=ACCOUNT,
            conversation=conversation.id,
            title=title or conversation.title,
            native_id=f"{self.id}/{part}" if self.id and part else self.id,
            sequence=next(conversation.sequence),
            occurred_at=self.occurred_at,
            uri=f"https://claude.ai/chat/{quote(conversation.id)}" if conversation.id else None,
            is_main_branch=self.is_main_branch,
            metadata=metadata or {},
        )


def conversation_outcomes(
    value: JsonValue, place: str, options: ReadOptions, zone: tzinfo | None
) -> Iterator[ReadOutcome]:
    """Yield what one conversation holds. `place` says where it stands in its file."""
    messages = value.get("chat_messages") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(messages, list):
        yield Problem(place, "not a conversation", "export your data again if you miss it")
        return
    title = label(value.get("name"))
    conversation = _Conversation(
        label(value.get("uuid")), title, label(value.get("model")), options, zone
    )
    if title:
        place = f'conversation "{title[:40]}"'
    if not messages:
        yield Skipped(place, "empty conversation")
        return
    shown = _shown_thread(value.get("current_leaf_message_uuid"), messages)
    for number, message in enumerate(messages, 1):
        message_place = f"{place}, message {number}"
        if not isinstance(message, dict):
            yield Problem(message_place, "not a message")
            continue
        message_id = label(message.get("uuid"))
        yield from _message_outcomes(
            message, message_id, conversation, message_place, shown is None or message_id in shown
        )


def project_outcomes(
    value: JsonValue, place: str, options: ReadOptions, zone: tzinfo | None
) -> Iterator[ReadOutcome]:
    """Yield the instructions and the documents of a project."""
    if not isinstance(value, dict):
        yield Problem(place, "not a project", "export your data again if you miss it")
        return
    name = label(value.get("name"))
    conversation = _Conversation(label(value.get("uuid")), name, None, options, zone)
    documents = value.get("docs")
    parts: list[tuple[str, JsonValue, str | None, JsonValue]] = [
        ("instructions", value.get("prompt_template"), name, value.get("created_at"))
    ]
    for number, document in enumerate(documents if isinstance(documents, list) else [], 1):
        if isinstance(document, dict):
            title = label(document.get("filename"))
            part = f"document {label(document.get('uuid')) or number}"
            parts.append((part, document.get("content"), title, document.get("created_at")))
        else:
            yield Problem(f"{place}, document {number}", "not a document")
    for part, text, title, created_at in parts:
        moment = _time_or_none(created_at, zone)
        turn = _Turn(conversation, place, conversation.id, "user", moment, is_main_branch=True)
        yield turn.record(text if isinstance(text, str) else "", part, kind="document", title=title)


def _message_outcomes(
    message: dict[str, JsonValue],
    message_id: str | None,
    conversation: _Conversation,
    place: str,
    is_main_branch: bool,
) -> Iterator[ReadOutcome]:
    role = _SENDERS.get(str(message.get("sender")))
    if role is None:
        yield Problem(place, "a message without a known sender")
        return
    moment = _time_or_none(message.get("created_at"), conversation.zone)
    turn = _Turn(conversation, place, message_id, role, moment, is_main_branch)
    content = message.get("content")
    blocks = [one for one in content if isinstance(one, dict)] if isinstance(content, list) else []
    yield turn.record(_said(blocks, message.get("text")))
    for number, block in enumerate(blocks, 1):
        kind = str(block.get("type"))
        if kind in _THINKING:
            yield Skipped(f"{place}, block {number}", "reasoning")
        elif kind in _CALLS:
            yield _call_outcome(turn, block, number)
        elif kind.endswith(_RESULTS):
            yield _result_outcome(turn, block, number)
    attachments = message.get("attachments")
    for number, one in enumerate(attachments if isinstance(attachments, list) else [], 1):
        text = one.get("extracted_content") if isinstance(one, dict) else None
        if isinstance(one, dict) and isinstance(text, str) and text.strip():
            name = label(one.get("file_name"))
            yield turn.record(text, f"attachment {number}", kind="document", title=name)
        else:
            yield Skipped(f"{place}, attachment {number}", "attachment without text")
    files = message.get("files")
    for number, _ in enumerate(files if isinstance(files, list) else [], 1):
        yield Skipped(f"{place}, file {number}", "file that is not in the export")


def _said(blocks: list[dict[str, JsonValue]], flattened: JsonValue) -> str:
    """The words of a turn. `text` is a flattened copy of the blocks, often empty.

    It is only taken where it says more than the blocks and nothing of what is kept apart.
    """
    texts = [
        text
        for block in blocks
        if block.get("type") in ("text", "voice_note", None)
        and isinstance(text := block.get("text"), str)
        and text.strip()
    ]
    said = "\n\n".join(texts)
    if not isinstance(flattened, str) or len(flattened) <= len(said):
        return clean(said)
    apart = [
        thought
        for block in blocks
        if isinstance(thought := block.get("thinking"), str) and thought.strip()
    ]
    is_more = all(text in flattened for text in texts) and _PLACEHOLDER not in flattened
    return clean(flattened if is_more and not any(one in flattened for one in apart) else said)


def _call_outcome(turn: _Turn, block: dict[str, JsonValue], number: int) -> ReadOutcome:
    """An artifact is a document that Claude wrote; other calls are machinery."""
    given = block.get("input")
    text = given.get("content") if isinstance(given, dict) else None
    if block.get("name") != "artifacts" or not isinstance(given, dict) or not isinstance(text, str):
        return Skipped(f"{turn.place}, block {number}", "tool call")
    metadata: dict[str, FieldValue] = {}
    kind = label(given.get("type"))
    if kind:
        metadata["content_type"] = kind
    return turn.record(
        text,
        f"artifact {number}",
        kind="document",
        title=label(given.get("title")),
        metadata=metadata,
    )


def _result_outcome(turn: _Turn, block: dict[str, JsonValue], number: int) -> ReadOutcome:
    content = block.get("content")
    if isinstance(content, str):
        texts = [content]
    else:
        texts = [
            text
            for one in (content if isinstance(content, list) else [])
            if isinstance(one, dict) and isinstance(text := one.get("text"), str)
        ]
    text = "\n".join(one for one in texts if one.strip())
    # To its own tools it says no more than that it worked.
    if block.get("name") == "artifacts" or not text.strip():
        return Skipped(f"{turn.place}, block {number}", "tool result without text")
    name = label(block.get("name"))
    return turn.record(
        text, f"result {number}", role="tool", metadata={"tool": name} if name else {}
    )


def _shown_thread(leaf: JsonValue, messages: list[JsonValue]) -> frozenset[str | None] | None:
    """The ids from the current leaf up; None where the messages form no tree."""
    parents = {
        label(message.get("uuid")): label(message.get("parent_message_uuid"))
        for message in messages
        if isinstance(message, dict)
    }
    current = label(leaf)
    if current not in parents or not any(parents.values()):
        return None
    path: set[str | None] = set()
    while current in parents and current not in path:
        path.add(current)
        current = parents[current]
    return frozenset(path)


def _time_or_none(value: JsonValue, zone: tzinfo | None) -> datetime | None:
    try:
        return parse_time(value, zone)
    except ValueError:
        return None
