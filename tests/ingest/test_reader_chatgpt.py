"""ChatGPT exports: which message becomes what."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from memassist.ingest.readers.chatgpt import ChatGptReader
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from memassist.plugins.types import ReadOutcome

Json: TypeAlias = dict[str, object]

SAMPLE = Path(__file__).parents[3] / "shared/data/exports/chatgpt_3_conversations.json"


def message(
    text: str | None = None,
    role: str = "user",
    content: object = None,
    create_time: object = 1_700_000_000.0,
    **more: object,
) -> Json:
    if content is None:
        content = {"content_type": "text", "parts": [text]}
    author: Json = {"role": role, "name": None, "metadata": {}}
    found: Json = {"author": author, "content": content, "create_time": create_time}
    return found | more


def tree(*edges: tuple[str, str | None, Json | None]) -> Json:
    """A mapping from (id, parent, message) in the order of writing."""
    return {
        node_id: {
            "id": node_id,
            "message": None if found is None else {"id": node_id} | found,
            "parent": parent,
            "children": [child for child, above, _ in edges if above == node_id],
        }
        for node_id, parent, found in edges
    }


def conversation(mapping: object, **more: object) -> Json:
    return {
        "title": "Trip",
        "conversation_id": "c-1",
        "create_time": 1_600_000_000,
        "mapping": mapping,
    } | more


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conversations.json"


def read(path: Path, export: object, options: ReadOptions | None = None) -> list[ReadOutcome]:
    path.write_text(json.dumps(export), encoding="utf-8")
    return list(ChatGptReader().read(source_file(path), options or ReadOptions()))


def records(outcomes: list[ReadOutcome]) -> list[Record]:
    return [outcome for outcome in outcomes if isinstance(outcome, Record)]


def read_one(path: Path, found: Json) -> ReadOutcome:
    (outcome,) = read(path, [conversation(tree(("a", None, found)), current_node="a")])
    return outcome


def test_a_message_carries_its_conversation_and_identity(path: Path) -> None:
    record = read_one(
        path, message("Hi", "assistant", metadata={"model_slug": "gpt-4o"}, recipient="all")
    )
    assert record == Record(
        text="Hi",
        place='conversation 1 "Trip", message 1',
        role="assistant",
        author="gpt-4o",
        is_owner=False,
        account="chatgpt",
        conversation="c-1",
        title="Trip",
        native_id="a",
        sequence=0,
        occurred_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        uri="https://chatgpt.com/c/c-1",
        metadata={"model": "gpt-4o"},
    )


def test_the_user_of_the_export_is_the_owner(path: Path) -> None:
    record = read_one(path, message("I live in Leeds"))
    assert isinstance(record, Record)
    assert record.is_owner is True


def test_the_thread_is_the_path_up_from_the_current_node_and_other_branches_are_kept(
    path: Path,
) -> None:
    mapping = tree(
        ("root", None, None),
        ("q1", "root", message("first wording")),
        ("a1", "q1", message("first answer", "assistant")),
        ("q2", "root", message("second wording")),
        ("a2", "q2", message("bad answer", "assistant")),
        ("a3", "q2", message("good answer", "assistant")),
    )
    # The order of the mapping says nothing.
    shuffled = dict(reversed(mapping.items()))
    outcomes = read(path, [conversation(shuffled, current_node="a3")])
    assert outcomes[0] == Skipped('conversation 1 "Trip", message 1', "no message")
    assert [(one.text, one.is_main_branch, one.sequence) for one in records(outcomes)] == [
        ("first wording", False, 1),
        ("first answer", False, 2),
        ("second wording", True, 3),
        ("bad answer", False, 4),
        ("good answer", True, 5),
    ]


@pytest.mark.parametrize("current", [None, "gone", 7, ["a2"]])
def test_without_a_current_node_the_newest_leaf_ends_the_thread(
    path: Path, current: object
) -> None:
    mapping = tree(
        ("q", None, message("q", create_time=1)),
        ("a1", "q", message("newest", "assistant", create_time=1_700_000_009)),
        ("a2", "q", message("older", "assistant", create_time=1_700_000_001)),
    )
    outcomes = read(path, [conversation(mapping, current_node=current)])
    assert [one.text for one in records(outcomes) if one.is_main_branch] == ["q", "newest"]


def test_missing_parent_links_are_taken_from_the_lists_of_children(path: Path) -> None:
    mapping: Json = {
        "b": {"message": message("second"), "parent": None, "children": []},
        "a": {"message": message("first"), "parent": "nowhere", "children": ["b", 5, "gone"]},
    }
    found = records(read(path, [conversation(mapping, current_node="b")]))
    assert [(one.text, one.is_main_branch) for one in found] == [("first", True), ("second", True)]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (message(""), "blank text"),
        (message("  \n"), "blank text"),
        (message(content={"content_type": "text", "parts": []}), "blank text"),
        (message(content={"content_type": "text", "parts": [None]}), "blank text"),
        (message("x", metadata={"is_visually_hidden_from_conversation": True}), "hidden"),
        (message("x", "tool", weight=0.0), "hidden"),
        (message(content={"content_type": "thoughts", "thoughts": []}), "reasoning"),
        (message(content={"content_type": "reasoning_recap", "content": "9 s"}), "reasoning"),
        (
            message(
                content={
                    "content_type": "multimodal_text",
                    "parts": [{"content_type": "image_asset_pointer"}, ""],
                }
            ),
            "picture without text",
        ),
        (
            message(
                content={
                    "content_type": "multimodal_text",
                    "parts": [{"content_type": "audio_asset_pointer"}],
                }
            ),
            "attachment without text",
        ),
    ],
)
def test_what_is_left_out_is_counted_with_its_reason(path: Path, found: Json, reason: str) -> None:
    assert read_one(path, found) == Skipped('conversation 1 "Trip", message 1', reason)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"content_type": "text", "parts": ["a", "b"]}, "a\nb"),
        ({"content_type": "code", "language": "python", "text": "print(1)"}, "print(1)"),
        ({"content_type": "execution_output", "text": "1"}, "1"),
        ({"content_type": "tether_quote", "title": "T", "text": "q", "url": "u"}, "T\nq\nu"),
        ({"content_type": "tether_browsing_display", "result": "r", "summary": ""}, "r"),
        ({"content_type": "system_error", "name": "E", "text": "failed"}, "E\nfailed"),
        ({"content_type": "not_known_yet", "text": "words"}, "words"),
        (
            {
                "content_type": "multimodal_text",
                "parts": [
                    {"content_type": "image_asset_pointer", "asset_pointer": "sediment://f"},
                    "What is this?",
                    {"content_type": "audio_transcription", "text": "spoken"},
                ],
            },
            "[image]\nWhat is this?\nspoken",
        ),
    ],
)
def test_each_kind_of_content_gives_its_text(path: Path, content: Json, text: str) -> None:
    record = read_one(path, message(content=content))
    assert isinstance(record, Record)
    assert record.text == text


def test_custom_instructions_are_kept_as_system_text_though_they_are_hidden(path: Path) -> None:
    record = read_one(
        path,
        message(
            content={
                "content_type": "user_editable_context",
                "user_profile": "I am a nurse in Leeds.",
                "user_instructions": "Be terse.",
            },
            metadata={"is_visually_hidden_from_conversation": True},
        ),
    )
    assert isinstance(record, Record)
    assert record.text == "I am a nurse in Leeds.\nBe terse."
    assert (record.role, record.is_owner) == ("system", False)
    assert record.metadata["content_type"] == "user_editable_context"


def test_reference_marks_go_and_their_words_stay(path: Path) -> None:
    text = (
        "\ue203Nova is fast.\ue204 \ue200cite\ue202turn0search3\ue201\n"
        'See \ue200entity\ue202["company","Amazon","x"]\ue201, '
        "\ue200url\ue202the page\ue202https://a.example\ue201 and \ue200entity\ue202[\ue201.\ue202"
    )
    record = read_one(path, message(text, "assistant"))
    assert isinstance(record, Record)
    assert record.text == "Nova is fast.\nSee Amazon, the page and."


@pytest.mark.parametrize(
    ("create_time", "expected"),
    [
        (1_700_000_000.25, datetime(2023, 11, 14, 22, 13, 20, 250_000, tzinfo=UTC)),
        ("2023-11-14T22:13:20Z", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (None, datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)),
        (1e20, datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)),
        ("soon", datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)),
        ([], datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)),
    ],
)
def test_a_missing_or_unreadable_time_is_that_of_the_conversation(
    path: Path, create_time: object, expected: datetime
) -> None:
    record = read_one(path, message("x", create_time=create_time))
    assert isinstance(record, Record)
    assert record.occurred_at == expected
    assert ("unreadable_time" in record.metadata) == (create_time in (1e20, "soon", []))


def test_a_conversation_without_a_time_has_that_of_its_first_message(path: Path) -> None:
    mapping = tree(
        ("a", None, message("x", create_time=None)),
        ("b", "a", message("y", create_time=1_700_000_001)),
        ("c", "b", message("z", create_time=1_700_000_000)),
    )
    first = records(read(path, [conversation(mapping, create_time=None)]))[0]
    assert first.occurred_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_title_and_ids_may_be_missing(path: Path) -> None:
    mapping = tree(("a", None, message("x")))
    first, second = records(
        read(path, [{"title": None, "mapping": mapping}, {"id": "c/2", "mapping": mapping}])
    )
    assert (first.title, first.conversation, first.uri) == (None, "a", None)
    assert (second.conversation, second.uri) == ("c/2", "https://chatgpt.com/c/c%2F2")


def test_two_messages_with_one_id_stay_two(path: Path) -> None:
    mapping = tree(("a", None, message("x")), ("b", "a", message("y") | {"id": "same"}))
    mapping["c"] = {"message": message("z") | {"id": "same"}, "parent": "b", "children": []}
    found = records(read(path, [conversation(mapping)]))
    assert len({one.native_id for one in found}) == 3


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (["a list"], "not a conversation"),
        ({"title": "x"}, "without its messages"),
        (conversation(None), "without its messages"),
        (conversation([]), "without its messages"),
        (
            conversation(
                {
                    "a": {"message": None, "parent": "b", "children": []},
                    "b": {"message": None, "parent": "a", "children": []},
                }
            ),
            "circle",
        ),
    ],
)
def test_a_broken_conversation_is_one_problem_and_the_others_are_read(
    path: Path, broken: object, reason: str
) -> None:
    good = conversation(tree(("a", None, message("x"))))
    before, problem, after = read(path, [good, broken, good])
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert isinstance(problem, Problem)
    assert problem.place.startswith("conversation 2")
    assert reason in problem.reason


@pytest.mark.parametrize(
    "broken",
    [
        "not a node",
        {"message": "not a message"},
        {"message": {"content": {"parts": ["x"]}}},
        {"message": message("x", role="ghost")},
        {"message": message("x") | {"author": "user"}},
        {"message": message(content=[1])},
        {"message": message(content={"content_type": "text", "parts": "x"})},
        {"message": message(content={"content_type": "text"})},
    ],
)
def test_a_broken_message_is_one_problem_and_the_others_are_read(
    path: Path, broken: object
) -> None:
    mapping = tree(("a", None, message("x")), ("c", "a", message("y")))
    outcomes = read(path, [conversation(mapping | {"b": broken})])
    assert Counter(type(outcome) for outcome in outcomes) == {Record: 2, Problem: 1}


def test_broken_bytes_cost_only_their_conversation(path: Path) -> None:
    good = json.dumps(conversation(tree(("a", None, message("x"))))).encode()
    for bad in (b'{"mapping": {"a": \xff}}', b'{"mapping": {nonsense}}', b"[" * 5000 + b"]" * 5000):
        path.write_bytes(b"[" + good + b"," + bad + b"," + good + b"]")
        outcomes = list(ChatGptReader().read(source_file(path), ReadOptions()))
        assert [type(outcome) for outcome in outcomes] == [Record, Problem, Record]
        assert outcomes[1].place.startswith("conversation 2 (byte ")


def test_a_cut_off_export_gives_what_is_before_the_cut_and_one_problem(path: Path) -> None:
    good = json.dumps(conversation(tree(("a", None, message("x")))))
    path.write_text(f"[{good},{good},{good[:-40]}", encoding="utf-8")
    outcomes = list(ChatGptReader().read(source_file(path), ReadOptions()))
    assert [type(outcome) for outcome in outcomes] == [Record, Record, Problem]
    assert "conversation 3 (byte " in outcomes[2].place
    problem = outcomes[2]
    assert isinstance(problem, Problem)
    assert "cut off" in problem.reason


def test_every_shape_of_file_gives_the_same_records(path: Path) -> None:
    one = conversation(tree(("a", None, message("x"))))
    expected = read(path, [one])
    assert read(path, {"conversations": [one]}) == expected
    assert read(path, {"exported": 1, "conversations": [one]}) == expected
    assert read(path, one) == expected


def test_an_export_without_conversations_says_so(path: Path) -> None:
    assert read(path, []) == [Skipped("conversations.json", "no conversations")]
    (skipped,) = read(path, [conversation({})])
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "empty conversation"


def test_a_message_above_the_limit_is_a_problem(path: Path) -> None:
    mapping = tree(("a", None, message("12345")), ("b", "a", message("1234")))
    outcomes = read(path, [conversation(mapping)], ReadOptions(max_text_characters=4))
    assert [type(outcome) for outcome in outcomes] == [Problem, Record]


def test_a_thread_of_ten_thousand_messages_needs_no_recursion(path: Path) -> None:
    edges = [
        (str(number), str(number - 1) if number else None, message(f"m{number}"))
        for number in range(10_000)
    ]
    mapping: Json = {
        node_id: {"message": found, "parent": parent, "children": []}
        for node_id, parent, found in edges
    }
    found = records(read(path, [conversation(mapping, current_node="9999")]))
    assert [one.text for one in found] == [f"m{number}" for number in range(10_000)]
    assert all(one.is_main_branch for one in found)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the shared sample export is not here")
def test_every_node_of_a_real_export_is_accounted_for() -> None:
    outcomes = list(ChatGptReader().read(source_file(SAMPLE), ReadOptions()))
    export = json.loads(SAMPLE.read_text(encoding="utf-8"))
    assert len(outcomes) == sum(len(one["mapping"]) for one in export)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    kept = records(outcomes)
    assert len({(one.conversation, one.native_id) for one in kept}) == len(kept)
    assert not any("\ue200" <= character <= "\ue204" for one in kept for character in one.text)
    # An independent walk up from each current node.
    shown = set()
    for one in export:
        node_id = one["current_node"]
        while node_id:
            shown.add(node_id)
            node_id = one["mapping"][node_id]["parent"]
    assert {one.native_id for one in kept if one.is_main_branch} == shown & {
        one.native_id for one in kept
    }
    assert any(not one.is_main_branch for one in kept)
