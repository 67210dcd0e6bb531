"""The page on memories tells of every type, relation and command there is, and what they do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from memassist.plugins.types import MEMORY_TYPES
from memassist.store.links import Relation
from memassist.ui.cli.entities import entities

PAGE = (Path(__file__).parents[2] / "docs" / "memories.md").read_text(encoding="utf-8")


def test_every_type_and_relation_has_a_row() -> None:
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE))
    assert rows >= {*MEMORY_TYPES, *get_args(Relation)}


def test_every_command_on_entities_is_told() -> None:
    told = set(re.findall(r"memassist entities (\w+)", PAGE))
    assert told == set(entities.commands)
