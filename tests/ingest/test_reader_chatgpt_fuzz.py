"""Damaged ChatGPT exports: nothing is raised, and every node of a whole tree is counted."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, TypeAlias, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memassist.ingest.readers.chatgpt import ChatGptReader
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from memassist.plugins.types import ReadOutcome

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

# A loaded machine is no fault of what is tested.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

contents = st.sampled_from(
    [
        {"content_type": "text", "parts": ["I live in Leeds"]},
        {"content_type": "text", "parts": [""]},
        {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}]},
        {"content_type": "code", "language": "python", "text": "1 + 1"},
        {"content_type": "thoughts", "thoughts": [{"summary": "s", "content": "c"}]},
        {"content_type": "user_editable_context", "user_profile": "nurse"},
    ]
)
messages = st.none() | st.fixed_dictionaries(
    {
        "author": st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "assistant", "system", "tool"])}
        ),
        "content": contents,
        "create_time": st.none() | st.floats(min_value=0, max_value=2e9),
        "weight": st.sampled_from([0.0, 1.0]),
        "metadata": st.just({"model_slug": "m", "attachments": [{"name": "a.pdf"}]}),
    }
)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)


def with_id(message: Mapping[str, object] | None, node_id: str) -> Json:
    if message is None:
        return None
    return cast("Json", {"id": node_id} | copy.deepcopy(dict(message)))


@st.composite
def exports(draw: st.DrawFn) -> list[dict[str, Json]]:
    """Well-formed exports: trees of any shape, with links both ways."""
    export: list[dict[str, Json]] = []
    for number in range(draw(st.integers(min_value=1, max_value=3))):
        found = draw(st.lists(messages, min_size=1, max_size=8))
        ids = [f"{number}-{position}" for position in range(len(found))]
        parents: list[str | None] = [None]
        parents += [ids[draw(st.integers(0, position - 1))] for position in range(1, len(ids))]
        nodes: list[tuple[str, Json]] = [
            (
                node_id,
                {
                    "id": node_id,
                    "message": with_id(one, node_id),
                    "parent": parent,
                    "children": [
                        child for child, above in zip(ids, parents, strict=True) if above == node_id
                    ],
                },
            )
            for node_id, parent, one in zip(ids, parents, found, strict=True)
        ]
        export.append(
            {
                "title": draw(st.none() | st.text(max_size=5)),
                "conversation_id": f"c-{number}",
                "create_time": 1.7e9,
                "mapping": dict(draw(st.permutations(nodes))),
                "current_node": draw(st.none() | st.sampled_from(ids)),
            }
        )
    return export


def read(factory: pytest.TempPathFactory, content: bytes) -> list[ReadOutcome]:
    path = factory.getbasetemp() / "conversations.json"
    path.write_bytes(content)
    return list(ChatGptReader().read(source_file(path), ReadOptions()))


@unhurried
@given(exports())
def test_every_node_of_a_well_formed_export_comes_out_once(
    tmp_path_factory: pytest.TempPathFactory, export: list[dict[str, Json]]
) -> None:
    outcomes = read(tmp_path_factory, json.dumps(export).encode())
    assert len(outcomes) == sum(len(nodes_of(one)) for one in export)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    assert len({outcome.place for outcome in outcomes}) == len(outcomes)


def nodes_of(conversation: dict[str, Json]) -> dict[str, Json]:
    mapping = conversation["mapping"]
    assert isinstance(mapping, dict)
    return mapping


def replace_somewhere(draw: st.DrawFn, value: Json, junk_value: Json) -> Json:
    """The value with one of its parts, at any depth, replaced or taken away."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        if not draw(st.integers(0, 4)):
            return {name: inner for name, inner in value.items() if name != key}
        return value | {key: replace_somewhere(draw, value[key], junk_value)}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        position = draw(st.integers(0, len(value) - 1))
        changed = replace_somewhere(draw, value[position], junk_value)
        return [*value[:position], changed, *value[position + 1 :]]
    return junk_value


@st.composite
def mutated_exports(draw: st.DrawFn) -> bytes:
    value: Json = list(draw(exports()))
    for _ in range(draw(st.integers(1, 3))):
        value = replace_somewhere(draw, value, draw(junk))
    return json.dumps(value).encode()


@settings(unhurried, max_examples=300)
@given(mutated_exports())
def test_a_mutated_export_raises_nothing_unexpected(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    try:
        outcomes = read(tmp_path_factory, content)
    except UnreadableFileError:
        return
    assert outcomes
    for outcome in outcomes:
        assert isinstance(outcome, Record | Skipped | Problem)
        assert outcome.place.encode()


@unhurried
@given(exports(), st.data())
def test_damaged_bytes_raise_nothing_unexpected(
    tmp_path_factory: pytest.TempPathFactory, export: list[dict[str, Json]], data: st.DataObject
) -> None:
    content = bytearray(json.dumps(export).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert read(tmp_path_factory, bytes(content))
