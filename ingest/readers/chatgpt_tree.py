"""One conversation of a ChatGPT export: a tree of nodes, of which one path is the shown thread.

Every node comes out exactly once, as a record, a skip or a problem, in reading order: a node
before its children, an edit or regeneration after what it replaced. Where the tree itself is
broken (no mapping, parents in a circle) the conversation is one problem.
`tests/ingest/test_reader_chatgpt_fuzz.py` checks the counts on damaged exports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args
from urllib.parse import quote

from memassist.ingest.readers.chatgpt_content import SkippedContentError, content_text
from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.times import parse_time
from memassist.ingest.readers.values import label
from memassist.plugins.types import Problem, Record, Role, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from memassist.ingest.readers.values import JsonValue
    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome

ACCOUNT = "chatgpt"
"""One account for all exports: a bare conversations.json doesn't say whose it is, and the same
message must be the same item whether it came from there or from the zip."""

_ROLES: tuple[Role, ...] = get_args(Role)
_CUSTOM_INSTRUCTIONS = "user_editable_context"
_TITLE_CHARACTERS_IN_PLACE = 40


class BrokenConversationError(ValueError):
    """The tree can't be read; the message says why, in words for people."""


@dataclass(frozen=True, slots=True)
class _Conversation:
    id: str
    title: str | None
    uri: str | None
    occurred_at: datetime | None
    model: str | None
    is_not_to_remember: bool
    zone: tzinfo | None
    place: str


def conversation_outcomes(
    value: JsonValue, place: str, options: ReadOptions, zone: tzinfo | None
) -> Iterator[ReadOutcome]:
    """Yield what one conversation holds. `place` says where it stands in its file."""
    try:
        if not isinstance(value, dict):
            raise BrokenConversationError("not a conversation")
        mapping = value.get("mapping")
        if not isinstance(mapping, dict):
            raise BrokenConversationError("a conversation without its messages")
        order = _reading_order(mapping)
    except BrokenConversationError as error:
        yield Problem(place, str(error), "export your data again if you miss it")
        return
    if not order:
        yield Skipped(place, "empty conversation")
        return
    conversation = _conversation(value, order[0], mapping, place, zone)
    shown = _shown_thread(value.get("current_node"), mapping, order)
    native_ids: set[str] = set()
    for sequence, node_id in enumerate(order):
        node_place = f"{conversation.place}, message {sequence + 1}"
        try:
            yield _node_outcome(
                conversation,
                node_id,
                mapping[node_id],
                node_place,
                sequence,
                node_id in shown,
                native_ids,
                options,
            )
        except SkippedContentError as error:
            yield Skipped(node_place, error.reason)
        except ValueError as error:
            yield Problem(node_place, str(error))


def _parent_of(mapping: dict[str, JsonValue], node_id: str, listed: dict[str, str]) -> str | None:
    node = mapping[node_id]
    parent = node.get("parent") if isinstance(node, dict) else None
    if isinstance(parent, str) and parent in mapping:
        return parent
    return listed.get(node_id)


def _children_listed(mapping: dict[str, JsonValue]) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for node_id, node in mapping.items():
        children = node.get("children") if isinstance(node, dict) else None
        if isinstance(children, list):
            listed[node_id] = [
                child for child in children if isinstance(child, str) and child in mapping
            ]
    return listed


def _parents(mapping: dict[str, JsonValue]) -> dict[str, str | None]:
    """Parent links, and where they are missing what the lists of children say."""
    listed = {
        child: node_id
        for node_id, children in _children_listed(mapping).items()
        for child in children
    }
    return {node_id: _parent_of(mapping, node_id, listed) for node_id in mapping}


def _reading_order(mapping: dict[str, JsonValue]) -> list[str]:
    """All node ids, parents first. Raises `BrokenConversationError` on a circle."""
    parents = _parents(mapping)
    children: dict[str | None, dict[str, None]] = {}
    # The order in a list of children is that of writing; the order of the mapping is any.
    for node_id, listed in _children_listed(mapping).items():
        for child in listed:
            if parents[child] == node_id:
                children.setdefault(node_id, {})[child] = None
    for node_id, parent in parents.items():
        children.setdefault(parent, {})[node_id] = None
    order: list[str] = []
    stack = list(reversed(children.get(None, {})))
    while stack:
        node_id = stack.pop()
        order.append(node_id)
        stack.extend(reversed(children.get(node_id, {})))
    if len(order) < len(mapping):
        raise BrokenConversationError("the messages of the conversation follow in a circle")
    return order


def _shown_thread(
    current: JsonValue, mapping: dict[str, JsonValue], order: list[str]
) -> frozenset[str]:
    """The path from the current node up; without a current node, from the newest leaf."""
    parents = _parents(mapping)
    if not isinstance(current, str) or current not in mapping:
        inner = set(parents.values())
        leaves = [node_id for node_id in order if node_id not in inner]
        # Of two equally old the later one in reading order, as max() takes the first it meets.
        current = max(reversed(leaves), key=lambda leaf: _created(mapping[leaf]))
    path: list[str] = []
    node_id: str | None = current
    while node_id is not None:
        path.append(node_id)
        node_id = parents[node_id]
    return frozenset(path)


def _create_time(node: JsonValue) -> JsonValue:
    message = node.get("message") if isinstance(node, dict) else None
    return message.get("create_time") if isinstance(message, dict) else None


def _created(node: JsonValue) -> float:
    """Unix seconds of a node's message; minus infinity where it has no time."""
    time = _time_or_none(_create_time(node), None)
    return float("-inf") if time is None else time.timestamp()


def _time_or_none(value: JsonValue, zone: tzinfo | None) -> datetime | None:
    try:
        return parse_time(value, zone)
    except ValueError:
        return None


def _conversation(
    value: dict[str, JsonValue],
    root_id: str,
    mapping: dict[str, JsonValue],
    place: str,
    zone: tzinfo | None,
) -> _Conversation:
    native_id = label(value.get("conversation_id")) or label(value.get("id"))
    title = label(value.get("title"))
    shown_title = " ".join((title or "").split())[:_TITLE_CHARACTERS_IN_PLACE]
    occurred_at = _time_or_none(value.get("create_time"), zone)
    if occurred_at is None:
        times = (_time_or_none(_create_time(node), zone) for node in mapping.values())
        occurred_at = min((time for time in times if time is not None), default=None)
    return _Conversation(
        # The root's id is as lasting as the conversation's own.
        id=native_id or label(root_id) or "unnamed",
        title=title,
        uri=f"https://chatgpt.com/c/{quote(native_id, safe='')}" if native_id else None,
        occurred_at=occurred_at,
        model=label(value.get("default_model_slug")),
        is_not_to_remember=value.get("is_do_not_remember") is True,
        zone=zone,
        place=f'{place} "{shown_title}"' if shown_title else place,
    )


def _node_outcome(
    conversation: _Conversation,
    node_id: str,
    node: JsonValue,
    place: str,
    sequence: int,
    is_main_branch: bool,
    native_ids: set[str],
    options: ReadOptions,
) -> ReadOutcome:
    """Raises `SkippedContentError` for what is left out and `ValueError` for what is broken."""
    if not isinstance(node, dict):
        raise ValueError("not a message")
    message = node.get("message")
    if message is None:
        raise SkippedContentError("no message")
    if not isinstance(message, dict):
        raise ValueError("not a message")
    author = message.get("author")
    role = author.get("role") if isinstance(author, dict) else None
    if role not in _ROLES:
        raise ValueError("it doesn't say who wrote it")
    found_metadata = message.get("metadata")
    message_metadata = found_metadata if isinstance(found_metadata, dict) else {}
    content = message.get("content")
    content_type = content.get("content_type") if isinstance(content, dict) else None
    is_instructions = content_type == _CUSTOM_INSTRUCTIONS
    # Custom instructions are hidden in the thread, but the person wrote them about themselves.
    if not is_instructions and (
        message_metadata.get("is_visually_hidden_from_conversation") is True
        or message.get("weight") == 0
    ):
        raise SkippedContentError("hidden")
    text = content_text(content)
    if len(text) > options.max_text_characters:
        return too_long(place, options)
    model = label(message_metadata.get("model_slug")) or conversation.model
    name = label(author.get("name")) if isinstance(author, dict) else None
    metadata = _metadata(message, content, message_metadata, conversation)
    if role == "assistant" and model:
        metadata["model"] = model
    try:
        occurred_at = parse_time(message.get("create_time"), conversation.zone)
    except ValueError:
        # The words are worth more than their minute.
        metadata["unreadable_time"] = str(message.get("create_time"))[:40]
        occurred_at = None
    native_id = label(message.get("id")) or label(node_id) or str(sequence)
    if native_id in native_ids:
        native_id = f"{native_id} {sequence}"
    native_ids.add(native_id)
    return Record(
        text=text,
        place=place,
        role="system" if is_instructions else role,
        author=model if role == "assistant" else name,
        is_owner=role == "user" and not is_instructions,
        account=ACCOUNT,
        conversation=conversation.id,
        title=conversation.title,
        native_id=native_id,
        sequence=sequence,
        occurred_at=occurred_at or conversation.occurred_at,
        uri=conversation.uri,
        is_main_branch=is_main_branch,
        metadata=metadata,
    )


def _metadata(
    message: dict[str, JsonValue],
    content: JsonValue,
    message_metadata: dict[str, JsonValue],
    conversation: _Conversation,
) -> dict[str, FieldValue]:
    metadata: dict[str, FieldValue] = {}
    if isinstance(content, dict):
        content_type = label(content.get("content_type"))
        if content_type not in (None, "text"):
            metadata["content_type"] = content_type
        language = label(content.get("language"))
        if language not in (None, "unknown"):
            metadata["language"] = language
    recipient = label(message.get("recipient"))
    if recipient not in (None, "all"):
        metadata["recipient"] = recipient
    attachments = message_metadata.get("attachments")
    if isinstance(attachments, list):
        names = [label(entry.get("name")) for entry in attachments if isinstance(entry, dict)]
        found = [name for name in names if name]
        if found:
            metadata["attachments"] = found
    if conversation.is_not_to_remember:
        metadata["do_not_remember"] = True
    return metadata
