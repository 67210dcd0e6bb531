"""What each tool does, with the rights of a client: it may read, add and propose, never erase.

What a client says, in `memory_add` or `memory_update`, is an item of origin `mcp` with the least
trust but one, and the memory rests on it. What it would change of a memory that the person stands
behind becomes a proposal in the inbox. Recalled text goes out as data.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from memassist.assistant.errors import AssistantError
from memassist.assistant.extract.alike import key_of
from memassist.assistant.recall import Query
from memassist.plugins.types import Record, Trust
from memassist.store import inbox, items, memories, times
from memassist.store.errors import ConflictError, NotFoundError, StoreError
from memassist.store.identifiers import content_id
from memassist.store.own_answers import is_of_app
from memassist.store.today import note_given
from memassist.store.uses import note_uses

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.assistant.memory import Memory
    from memassist.assistant.results import Hit
    from memassist.ingest.pipeline import ImportReport
    from memassist.plugins.types import MemoryType
    from memassist.store.database import Connection
    from memassist.store.items import Item
    from memassist.store.memories import Memory as StoredMemory
    from memassist.store.memories import MemoryState

Arguments: TypeAlias = dict[str, Any]
"""Checked against the tool's schema before it gets here."""

DEFAULT_HITS = 8
DEFAULT_ITEMS = 20
HIT_CHARACTERS = 600
PAGE_CHARACTERS = 8_000
WORDS_ONLY = "Searched by words only, as the model is still loading. Ask again for the meaning."
LONGEST_STATEMENT_CHARACTERS = 4_000
ECHOES = 5
"""Memories looked at, the nearest first, for one that a client only repeats."""
CONFIDENCE = 0.6
"""Of what a client says: more than a guess, less than the person's own word."""


class ToolError(AssistantError):
    """Something the model can mend; the text says how."""


def search(memory: Memory, client: str, arguments: Arguments) -> dict[str, object]:
    """Answer `memory_search`. Lexical while the embedding model is not warm."""
    text, count = arguments["query"], arguments.get("k", DEFAULT_HITS)
    if not text.strip():
        raise ToolError("The query is blank. Give words or a question to look for.")
    kind = arguments.get("kind", "both")
    is_warm = memory.wiring.is_warm()
    found = memory.search(Query(text, k=2 * count, kind=kind), lexical=not is_warm)
    # What a client said comes back as the memory it became: the item would say it twice.
    hits = [
        hit
        for hit in found.hits
        if kind == "evidence" or hit.kind == "memory" or not items.is_of_client(hit.source)
    ]
    if kind == "both" and len(hits) < count:
        # Such items crowded the best hits; the memories behind them come further down.
        shown = {hit.memory_id for hit in hits}
        further = memory.search(Query(text, k=count, kind="memory"), lexical=not is_warm)
        hits += [hit for hit in further.hits if hit.memory_id not in shown]
    notes = found.notes if is_warm else (*found.notes, WORDS_ONLY)
    return {"hits": [_hit(hit) for hit in hits[:count]], "notes": list(notes)}


def get(memory: Memory, client: str, arguments: Arguments) -> dict[str, object]:
    """Answer `memory_get` for the id of a memory or of an item."""
    identifier = arguments["id"]
    try:
        found = memory.memories.get(identifier)
    except NotFoundError:
        return _item(memory, identifier, arguments.get("offset", 0))
    state = found.state
    return {
        "id": found.id,
        "kind": state.type,
        "text": state.text,
        "version": found.version,
        "fields": state.fields,
        "tags": list(state.tags),
        "when": times.iso(state.occurred_from),
        "valid_to": times.iso(state.valid_to),
        "superseded_by": state.superseded_by,
        "archived": state.is_archived,
        "confidence": state.confidence,
        "trust": Trust(state.trust).name.lower(),
        "evidence": [{"item_id": one.item_id, "quote": one.quote} for one in state.evidence],
    }


def add(memory: Memory, client: str, arguments: Arguments) -> dict[str, object]:
    """Answer `memory_add`; the same statement again gives the memory that is there."""
    type_: MemoryType = arguments.get("type", "semantic")
    echoed = _echoed(memory, arguments["text"], type_)
    if echoed is not None:
        is_over = echoed.state.valid_to is not None
        status = "known, and no longer so" if is_over else "known already"
        return {"id": echoed.id, "status": status, "version": echoed.version}
    said, report = _said(memory, client, arguments["text"])
    with memory.wiring.database.write(durable=True) as connection:
        evidence = _evidence(connection, said)
        known = memories.with_text(connection, type_, evidence.quote)
        if known is not None and not known.state.is_archived:
            return {"id": known.id, "status": "known already", "version": known.version}
        state = memories.MemoryState(
            type=type_,
            text=evidence.quote,
            confidence=CONFIDENCE,
            trust=Trust.MCP,
            extractor=f"mcp:{client}@1",
            evidence=(evidence,),
        )
        if type_ in ("core", "procedural"):
            reason = f"{client} wants to remember this as {type_} memory."
            entry = inbox.propose(connection, state, reason)
            status = "waits for the user's approval" if entry else "proposed before"
            return {"id": entry or "", "status": status}
        added = memories.add(connection, state, f"mcp:{client}")
    status = "remembered; a secret in it was masked" if report.secrets else "remembered"
    return {"id": added.id, "status": status, "version": added.version}


def update(memory: Memory, client: str, arguments: Arguments) -> dict[str, object]:
    """Answer `memory_update`: an edit of what clients added, else a proposal.

    Sent again after a lost reply it changes nothing more.
    """
    before = memory.memories.get(arguments["id"])
    said, report = _said(memory, client, arguments["text"])
    with memory.wiring.database.write(durable=True) as connection:
        evidence = _evidence(connection, said)
        current = memories.get(connection, before.id)
        if current.state.text == evidence.quote:
            return {"id": current.id, "status": "says so already", "version": current.version}
        if current.version != arguments["version"]:
            raise ConflictError(current.id, arguments["version"], current.version)
        changed = replace(current.state, text=evidence.quote, evidence=(evidence,), trust=Trust.MCP)
        if _is_the_persons(current.state):
            # Approved, it stands as a memory of its own; the person archives the other or not.
            proposal = replace(changed, confidence=CONFIDENCE, extractor=f"mcp:{client}@1")
            reason = f"{client} wants to change: {current.state.text}"
            entry = inbox.propose(connection, replace(proposal, is_touched=False), reason)
            status = "waits for the user's approval" if entry else "proposed before"
            return {"id": current.id, "status": status, "version": current.version}
        edited = memories.edit(connection, current.id, changed, f"mcp:{client}")
    status = "changed; a secret in it was masked" if report.secrets else "changed"
    return {"id": edited.id, "status": status, "version": edited.version}


def forget(memory: Memory, client: str, arguments: Arguments) -> dict[str, object]:
    """Answer `memory_forget`: the memory is archived, and undo brings it back."""
    with memory.wiring.database.write(durable=True) as connection:
        current = memories.get(connection, arguments["id"])
        expected = arguments.get("version")
        if expected is not None and current.version != expected:
            raise ConflictError(current.id, expected, current.version)
        if current.state.is_archived:
            return {"id": current.id, "status": "archived before", "version": current.version}
        archived = replace(current.state, is_archived=True)
        done = memories.edit(connection, current.id, archived, f"mcp:{client}", "archive")
    return {"id": done.id, "status": "archived; the user can undo it", "version": done.version}


def timeline(memory: Memory, client: str, arguments: Arguments) -> dict[str, object]:
    """Answer `memory_timeline`."""
    start, stop = (_moment(arguments.get(name), name) for name in ("from", "to"))
    found = memory.timeline(start, stop, arguments.get("limit", DEFAULT_ITEMS))
    in_use = memory.in_use({item.id: item.source for item in found})
    shown = [one for one in found if one.id in in_use and not is_of_app(one.source)]
    return {"items": [_listed(item) for item in shown]}


HANDLERS: dict[str, Callable[[Memory, str, Arguments], dict[str, object]]] = {
    "memory_search": search,
    "memory_get": get,
    "memory_add": add,
    "memory_update": update,
    "memory_forget": forget,
    "memory_timeline": timeline,
}


_GIVEN = {"memory_search": "hits", "memory_timeline": "items", "memory_get": None}
"""The tools that give text away, and the list in their result; None for one thing."""


def handle(memory: Memory, name: str, client: str, arguments: Arguments) -> dict[str, object]:
    """Answer a tool, and count what the client was given, for the person to see."""
    result = HANDLERS[name](memory, client, arguments)
    if name in _GIVEN:
        listed = result.get(_GIVEN[name] or "")
        texts = len(listed) if isinstance(listed, list) else 1
        # A store that is busy or full still answers.
        with contextlib.suppress(StoreError), memory.wiring.database.write() as connection:
            note_given(connection, client, datetime.now().astimezone().date(), texts)
            shown = listed if isinstance(listed, list) else [result]
            note_uses(connection, [str(one.get("id")) for one in shown])
    return result


def _is_the_persons(state: MemoryState) -> bool:
    return state.trust > Trust.MCP or state.is_touched


def _echoed(memory: Memory, text: str, type_: MemoryType) -> StoredMemory | None:
    """Return the memory that a client repeats; None for something new.

    What was recalled comes back in the same words or nearly so, and is no second memory of another
    type. Only what clients said themselves may be said again to be more than it is.
    """
    words = re.sub(r"[^\w\s]", " ", _statement(text))
    hits = memory.search(Query(words, k=ECHOES, kind="memory")).hits
    for hit in hits:
        if hit.memory_id is None or key_of(hit.text) != key_of(text):
            continue
        known = memory.memories.get(hit.memory_id)
        if known.state.type == type_ or known.state.trust > Trust.MCP:
            return known
    return None


def _said(memory: Memory, client: str, text: str) -> tuple[Record, ImportReport]:
    """Take in what a client said, by the steps of any import, and return it with the report.

    The same statement is the same item, however often a client sends it.
    """
    text = _statement(text)
    record = Record(
        text=text,
        place=f"said by {client}",
        origin="mcp",
        role="assistant",
        author=client,
        is_owner=False,
        # No conversation: statements of one client are no context of each other.
        account=f"mcp:{client}",
        native_id=content_id(text),
        occurred_at=datetime.now().astimezone(),
    )
    return record, memory.add_items([record], source=f"{items.CLIENT_SOURCE}{client}")


def _evidence(connection: Connection, said: Record) -> memories.Evidence:
    """Return the whole of what a client said, as it is kept, masked."""
    item = items.latest_of(connection, items.identity_of(said))
    if item is None:
        raise ToolError("The user had this forgotten; it is not stored again.")
    return memories.Evidence(item.id, 0, len(item.text), item.text)


def _statement(text: str) -> str:
    if not text.strip():
        raise ToolError("The text is blank. Give one sentence that stands alone.")
    if len(text) > LONGEST_STATEMENT_CHARACTERS:
        raise ToolError(
            f"The text has {len(text)} characters; a memory is one statement of at most"
            f" {LONGEST_STATEMENT_CHARACTERS}."
        )
    return text.strip()


def _hit(hit: Hit) -> dict[str, object]:
    text = hit.text if len(hit.text) <= HIT_CHARACTERS else hit.text[:HIT_CHARACTERS] + "…"
    return {
        "id": hit.memory_id or hit.item_id,
        "kind": hit.memory_type or "passage",
        "text": text,
        "author": hit.author,
        "title": hit.title,
        "place": hit.place,
        "when": None if hit.occurred_at is None else hit.occurred_at.isoformat(),
        "score": round(hit.score, 3),
    }


def _item(memory: Memory, identifier: str, offset: int) -> dict[str, object]:
    try:
        item = memory.item(identifier)
    except NotFoundError as error:
        raise ToolError(f"Nothing has the id {identifier}. Use an id of memory_search.") from error
    page = item.text[offset : offset + PAGE_CHARACTERS]
    rest = offset + len(page)
    return {
        **_listed(item),
        "text": page,
        "next_offset": rest if rest < len(item.text) else None,
    }


def _listed(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "kind": item.kind,
        "text": item.text[:HIT_CHARACTERS],
        "author": item.author,
        "title": item.title,
        "when": None if item.occurred_at is None else item.occurred_at.isoformat(),
        "uri": item.uri,
    }


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.astimezone()
    except (ValueError, OverflowError) as error:
        raise ToolError(f"{name} is no ISO time such as 2026-05-01T14:00: {text}") from error
