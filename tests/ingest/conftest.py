"""What the tests of readers share."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="session")
def make() -> ModuleType:
    """Return `documents/make.py`: test folders are no packages, so it can't be imported by name."""
    name = "memassist_test_documents"
    if name in sys.modules:
        return sys.modules[name]
    place = Path(__file__).parent / "documents" / "make.py"
    spec = importlib.util.spec_from_file_location(name, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up while they are made.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
