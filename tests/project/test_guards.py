"""Each guard of the project is broken once, in a copy of the tree, and has to say so."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "--timeout=300")


@dataclass(frozen=True, slots=True)
class Break:
    """One way to break a rule, and the guard that has to notice."""

    name: str
    file: str
    addition: str
    """Put at the end of the file, which is made if there is none."""
    guard: tuple[str, ...]
    """A command to be run in the copy, by the name of its module."""
    complaint: str
    """What the guard has to say."""
    replaces: str = ""
    """Text of the file that gives way to the addition."""


LINT_IMPORTS = ("importlinter", "--no-logo", "--no-cache")
BREAKS = [
    Break(
        "a layer imports what is above it",
        "plugins/broken.py",
        "import memassist.ui.errors\n",
        LINT_IMPORTS,
        "memassist.plugins is not allowed to import memassist.ui",
    ),
    Break(
        "rich below ui",
        "assistant/broken.py",
        "import rich.table\n",
        LINT_IMPORTS,
        "memassist.assistant is not allowed to import rich",
    ),
    Break(
        "textual below ui",
        "ingest/broken.py",
        "import textual.app\n",
        LINT_IMPORTS,
        "memassist.ingest is not allowed to import textual",
    ),
    Break(
        "SQL outside store",
        "assistant/broken.py",
        "import sqlite3\n",
        LINT_IMPORTS,
        "memassist.assistant is not allowed to import sqlite3",
    ),
    Break(
        "a reader that knows the store",
        "ingest/readers/broken.py",
        "from memassist.store import times\n",
        LINT_IMPORTS,
        "memassist.ingest.readers is not allowed to import memassist.store",
    ),
    Break(
        "a reader that knows the pipeline",
        "ingest/readers/broken.py",
        "from memassist.ingest import files\n",
        LINT_IMPORTS,
        "memassist.ingest.readers is not allowed to import memassist.ingest.files",
    ),
    Break(
        "a wrong type",
        "plugins/broken.py",
        'COUNT: int = "one"\n',
        ("mypy", ".typecheck/memassist/plugins"),
        "Incompatible types in assignment",
    ),
    Break(
        "a wrong type in a test",
        "tests/project/broken.py",
        "def untyped(value):\n    return value\n",
        ("mypy", "tests/project/broken.py"),
        "missing a type annotation",
    ),
    Break(
        "an unused import",
        "plugins/broken.py",
        "import os\n",
        ("ruff", "check", "--no-cache", "."),
        "F401",
    ),
    Break(
        "unformatted code",
        "plugins/broken.py",
        "X = ( 1,2 )\n",
        ("ruff", "format", "--no-cache", "--check", "."),
        "plugins/broken.py",
    ),
    Break(
        "packages listed by hand, and one forgotten",
        "pyproject.toml",
        '[tool.setuptools]\npackages = ["memassist.ui", "memassist.store"]\n\n'
        "[tool.setuptools.package-data]\n",
        (*PYTEST, "tests/project/test_packaging.py", "-k", "files_of_the_tree and not sdist"),
        "memassist/ingest/readers/jsonl.py",
        replaces="[tool.setuptools.package-data]\n",
    ),
    Break(
        "data files forgotten",
        "pyproject.toml",
        '"*" = ["*.nothing"]\n',
        (*PYTEST, "tests/project/test_packaging.py", "-k", "leavings"),
        "memassist/ui/new/deeper/page.md",
        replaces='"*" = ["**/*", "**/.*"]\n',
    ),
    Break(
        "a heavy import at the start",
        "ui/cli/__init__.py",
        "import onnxruntime\n",
        (*PYTEST, "tests/project/test_imports.py", "-k", "help"),
        "test_help_loads_nothing_heavy",
    ),
    Break(
        "a transaction that does not begin immediate",
        "assistant/broken.py",
        'def begin(connection):\n    connection.execute("BEGIN")\n',
        (*PYTEST, "tests/store/test_database.py", "-k", "no_other_module_begins"),
        "assistant/broken.py",
    ),
    Break(
        "an undocumented command",
        "ui/cli/__init__.py",
        '@cli.command()\ndef undocumented() -> None:\n    """Do something."""\n',
        (*PYTEST, "tests/project/test_documentation.py", "-k", "page_of_commands"),
        "run `just docs`",
    ),
    Break(
        "an option without help",
        "ui/cli/__init__.py",
        'cli.params.append(click.Option(["--mute"]))\n',
        (*PYTEST, "tests/project/test_documentation.py", "-k", "page_of_commands"),
        "memassist --mute has no help",
    ),
    Break(
        "an undocumented setting",
        "assistant/config.py",
        'SETTINGS["undocumented"] = Setting(True, "nothing")\n',
        (*PYTEST, "tests/project/test_documentation.py", "-k", "page_of_commands"),
        "run `just docs`",
    ),
    Break(
        "a path of somebody's machine",
        "docs/broken.md",
        "See " + "/ro" + "ot/notes.txt.\n",
        (*PYTEST, "tests/project/test_tree.py", "-k", "path_of_the_machine"),
        "docs/broken.md:1",
    ),
    Break(
        "the host of a package registry",
        "docs/broken.md",
        "From https://" + "pyp" + "i.org/simple.\n",
        (*PYTEST, "tests/project/test_tree.py", "-k", "registry"),
        "docs/broken.md:1",
    ),
    Break(
        "a dependency without notice or pin",
        "pyproject.toml",
        'dependencies = [\n  "left-pad>=1",\n',
        (*PYTEST, "tests/project/test_tree.py", "-k", "dependency"),
        "left-pad has no row",
        replaces="dependencies = [\n",
    ),
    Break(
        "an import that nothing installs",
        "ingest/broken.py",
        "import pyparsing\n",
        (*PYTEST, "tests/project/test_tree.py", "-k", "imported"),
        "imported and not in pyproject.toml",
    ),
    Break(
        "a new folder at the top",
        "utils/broken.py",
        '"""Broken."""\n',
        (*PYTEST, "tests/project/test_tree.py", "-k", "agreed_names"),
        "utils",
    ),
]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_the_guard_notices(
    broken: Break,
    copy_tree: Callable[[Path], Path],
    tmp_path: Path,
    outside_environment: dict[str, str],
) -> None:
    tool = broken.guard[0]
    if importlib.util.find_spec(tool) is None:
        pytest.skip(f"{tool} is in the group check: uv sync --group check")
    if "test_packaging.py" in str(broken.guard) and shutil.which("uv") is None:
        pytest.skip("uv builds the wheel: pip install uv")
    tree = copy_tree(tmp_path / "tree")
    path = tree / broken.file
    path.parent.mkdir(exist_ok=True)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if broken.replaces:
        assert broken.replaces in old
        new = old.replace(broken.replaces, broken.addition, 1)
    else:
        new = old + broken.addition
    path.write_text(new, encoding="utf-8")

    environment = outside_environment | {
        "PYTHONPATH": str(tree / ".typecheck"),  # before the installed tree
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", tool, *broken.guard[1:]]
    if tool == "importlinter":
        command = [str(Path(sys.executable).with_name("lint-imports")), *broken.guard[1:]]
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1, said
    assert broken.complaint in said
