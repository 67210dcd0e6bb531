"""What `daemon status` says of each thing."""

from __future__ import annotations

import pytest

from memassist.ui.cli.daemon import _shown


@pytest.mark.parametrize(
    ("name", "value", "lines"),
    [
        ("pid", 12, ["12"]),
        ("last_error", "", []),
        ("last_error_at", 0, []),
        ("working", False, ["no"]),
        ("watching", [], []),
        (
            "watching",
            [{"path": "/a", "by": "events"}, {"path": "/b", "by": "polling"}],
            ["/a, by events", "/b, by polling"],
        ),
    ],
)
def test_what_the_daemon_says_is_told_in_words(name: str, value: object, lines: list[str]) -> None:
    assert _shown(name, value) == lines


def test_a_moment_is_told_in_local_time() -> None:
    assert _shown("last_error_at", 1_700_000_000)[0].startswith("2023-11-1")
