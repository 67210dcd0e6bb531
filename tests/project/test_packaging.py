"""What is built has every file of the five folders, and nothing else."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAYERS = ("assistant", "ingest", "plugins", "store", "ui")
ADVICE = (
    "setuptools finds packages by [tool.setuptools.package-dir] and other files by"
    " [tool.setuptools.package-data]: name the new folder or pattern there"
)


def files_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    return {name for name in names if ".dist-info/" not in name}


def files_wanted(names: list[str]) -> set[str]:
    return {f"memassist/{name}" for name in names if name.partition("/")[0] in LAYERS}


@pytest.mark.slow
@pytest.mark.parametrize("options", [["--wheel"], []], ids=["from the tree", "from the sdist"])
def test_the_wheel_has_the_files_of_the_tree(
    options: list[str],
    build: Callable[..., Path],
    copy_tree: Callable[[Path], Path],
    tree_files: Callable[[Path], list[str]],
    tmp_path: Path,
) -> None:
    tree = copy_tree(tmp_path / "tree")
    wanted = files_wanted(tree_files(tree))
    assert {f"memassist/{layer}/py.typed" for layer in LAYERS} <= wanted
    found = files_in(build(tree, *options))
    assert found == wanted, (
        f"missing: {sorted(wanted - found)}, too many: {sorted(found - wanted)}. {ADVICE}"
    )


@pytest.mark.slow
def test_new_folders_and_data_files_go_along_and_leavings_stay(
    build: Callable[..., Path], copy_tree: Callable[[Path], Path], tmp_path: Path
) -> None:
    tree = copy_tree(tmp_path / "tree")
    for name in ("ui/new/__init__.py", "ui/new/deeper/page.md", "ui/new/v1.0/one.bin"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text('"""New."""\n')
    leaving = tree / "ui" / "new" / "__pycache__" / "old.cpython-311.pyc"
    leaving.parent.mkdir()
    leaving.write_bytes(b"")
    found = {name for name in files_in(build(tree)) if "/new/" in name}
    wanted = {
        "memassist/ui/new/__init__.py",
        "memassist/ui/new/deeper/page.md",
        "memassist/ui/new/v1.0/one.bin",
    }
    assert found == wanted, f"missing: {sorted(wanted - found)}, too many: {sorted(found - wanted)}"
