"""Plugins come up beside each other, and a broken one takes nothing down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from memassist.assistant.extract.builtin import BuiltinExtractors
from memassist.ingest.builtin import BuiltinReaders
from memassist.plugins import loader
from memassist.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

BUILTINS = {"readers": BuiltinReaders(), "rules": BuiltinExtractors()}


class HaikuReader:
    """A reader as somebody else would write it."""

    name = "haiku"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """Go by the name."""
        return 1.0 if file.name.endswith(".haiku") else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield nothing."""
        return iter(())


class GoodPlugin:
    """Offers one reader."""

    @hookimpl
    def register_readers(self) -> Sequence[HaikuReader]:
        """Return it."""
        return [HaikuReader()]


class MisspeltPlugin:
    """Implements a hook that is none."""

    @hookimpl
    def register_raeders(self) -> Sequence[HaikuReader]:
        """Return a reader, in vain."""
        return [HaikuReader()]


class WrongShapePlugin:
    """Offers something that is no reader."""

    @hookimpl
    def register_readers(self) -> Sequence[object]:
        """Return a number."""
        return [42]


class RaisingPlugin:
    """Fails when it is asked."""

    @hookimpl
    def register_readers(self) -> Sequence[HaikuReader]:
        """Fail."""
        raise RuntimeError("out of ink")


@dataclass(frozen=True)
class EntryPoint:
    """An installed plugin."""

    name: str
    plugin: object

    def load(self) -> object:
        """Return the plugin, or fail to import it."""
        if isinstance(self.plugin, Exception):
            raise self.plugin
        return self.plugin


def install(monkeypatch: pytest.MonkeyPatch, **plugins: object) -> None:
    """Make plugins look installed."""
    points = [EntryPoint(name, plugin) for name, plugin in plugins.items()]
    monkeypatch.setattr(loader, "entry_points", lambda group: points)


def test_builtins_come_through_the_same_hooks() -> None:
    loaded = loader.load(BUILTINS, [])
    assert {"chatgpt", "jsonl", "markdown", "text", "picture"} <= set(loaded.readers)
    assert loaded.extractors
    assert loaded.failures == []


def test_an_enabled_plugin_adds_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, good=GoodPlugin())
    assert "haiku" in loader.load(BUILTINS, ["good"]).readers


def test_nothing_is_imported_until_it_is_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, bad=ImportError("must not be loaded"))
    loaded = loader.load(BUILTINS, [])
    assert loaded.failures == []
    assert loader.available() == ["bad"]


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [
        (MisspeltPlugin(), "register_raeders"),
        (WrongShapePlugin(), "int lacks"),
        (RaisingPlugin(), "out of ink"),
        (ImportError("no module named ink"), "no module named ink"),
    ],
    ids=["misspelt hook", "wrong shape", "exception", "import error"],
)
def test_a_broken_plugin_is_shown_and_the_rest_go_on(
    monkeypatch: pytest.MonkeyPatch, plugin: object, reason: str
) -> None:
    install(monkeypatch, broken=plugin, good=GoodPlugin())
    loaded = loader.load(BUILTINS, ["broken", "good"])
    assert [failure.plugin for failure in loaded.failures] == ["broken"]
    assert reason in loaded.failures[0].reason
    assert {"haiku", "jsonl"} <= set(loaded.readers)


def test_a_plugin_that_is_not_installed_is_named() -> None:
    failures = loader.load(BUILTINS, ["nowhere"]).failures
    assert [(one.plugin, one.reason) for one in failures] == [("nowhere", "it is not installed")]


def test_an_empty_environment_variable_loads_none(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, good=GoodPlugin())
    monkeypatch.setenv("MEMASSIST_PLUGINS", "")
    loaded = loader.load(BUILTINS, ["good"])
    assert "haiku" not in loaded.readers
    assert loaded.failures == []
