"""Every public error has a message, a way to end, and where possible a way out."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

import pytest

import memassist.assistant
import memassist.ingest
import memassist.plugins
import memassist.store
from memassist.store.errors import ConflictError, LockedError, WrongKeyError
from memassist.ui import errors

if TYPE_CHECKING:
    from types import ModuleType

LAYERS = (memassist.assistant, memassist.ingest, memassist.plugins, memassist.store)


def error_modules() -> list[ModuleType]:
    """Return every module called `errors` below the user interface."""
    found = []
    for layer in LAYERS:
        for module in pkgutil.walk_packages(layer.__path__, f"{layer.__name__}."):
            if module.name.endswith(".errors"):
                found.append(importlib.import_module(module.name))
    return found


def public_errors() -> list[type[Exception]]:
    """Return every exception class those modules define."""
    return [
        value
        for module in error_modules()
        for _, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, Exception) and value.__module__ == module.__name__
    ]


@pytest.mark.parametrize("kind", public_errors(), ids=lambda kind: kind.__name__)
def test_every_public_error_has_a_row(kind: type[Exception]) -> None:
    assert any(parent in errors.TABLE for parent in kind.__mro__), kind


def test_there_are_errors_to_look_at() -> None:
    assert len(public_errors()) > 20


def test_the_nearest_class_gives_the_row() -> None:
    locked = errors.row_of(LockedError("locked"))
    wrong = errors.row_of(WrongKeyError("wrong"))
    assert locked is not None
    assert wrong is not None
    assert locked.exit_code == wrong.exit_code == errors.LOCKED
    assert "--passphrase-fd" in locked.advice
    assert "--passphrase-fd" not in wrong.advice


def test_an_errors_own_advice_comes_first() -> None:
    error = ConflictError("1", 1, 2)
    row = errors.row_of(error)
    assert row is not None
    assert errors.advice_of(error, row) == row.advice
    object.__setattr__(error, "advice", "Ask Ann.")
    assert errors.advice_of(error, row) == "Ask Ann."


def test_an_error_of_nobody_has_no_row() -> None:
    assert errors.row_of(KeyError("x")) is None
