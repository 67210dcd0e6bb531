"""What may and may not stand in the tree."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import socket
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAYERS = {"assistant", "ingest", "plugins", "store", "ui"}
TOP_FOLDERS = LAYERS | {"docs", "tests"}
TOP_FILES = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "THIRD_PARTY_NOTICES.md",
    "justfile",
    "pyproject.toml",
}
# In pieces, as this file is looked at too.
REGISTRY_NAMES = ("pypi[.]org", "python" + "hosted", "npm" + "js[.]", "/art" + "ifactory/")
REGISTRY_OPTIONS = ("--(extra-)?index" + "-url", "--find" + "-links")
PACKAGE_REGISTRIES = re.compile("|".join(REGISTRY_NAMES + REGISTRY_OPTIONS))
MACHINE_PATHS = re.compile(r"(?<![\w.:/-])/(?:ro" + r"ot|wo" + r"rk|Us" + r"ers)/[\w.]")


@pytest.fixture(scope="module")
def texts(repository: Path, tree_files: Callable[[Path], list[str]]) -> dict[str, str]:
    """Return every text file of the tree by name."""
    found = {}
    for name in tree_files(repository):
        try:
            found[name] = (repository / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    assert len(found) > 50
    return found


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, object]:
    """Return pyproject.toml."""
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def requirements(project: dict[str, object]) -> dict[str, list[Requirement]]:
    """Return what is required at run time, and all of it with the groups, parsed."""
    table, groups = project["project"], project["dependency-groups"]
    assert isinstance(table, dict)
    assert isinstance(groups, dict)
    runtime = [Requirement(text) for text in table["dependencies"]]
    extras = [Requirement(text) for one in table["optional-dependencies"].values() for text in one]
    grouped = [Requirement(text) for one in groups.values() for text in one]
    return {"runtime": runtime, "extras": extras, "pinned": runtime + grouped}


def lines_with(texts: dict[str, str], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_top_has_the_agreed_names(texts: dict[str, str]) -> None:
    folders = {name.partition("/")[0] for name in texts if "/" in name}
    files = {name for name in texts if "/" not in name}
    assert {name for name in folders if not name.startswith(".")} == TOP_FOLDERS
    assert {name for name in files if not name.startswith(".")} == TOP_FILES


def test_no_file_names_a_package_registry(texts: dict[str, str]) -> None:
    assert lines_with(texts, PACKAGE_REGISTRIES) == []


def test_no_file_names_a_path_of_the_machine(texts: dict[str, str], repository: Path) -> None:
    assert lines_with(texts, MACHINE_PATHS) == []
    # Not as a part of another path: a clone may lie in a folder with a common name.
    here = re.compile(rf"(?<![\w.~-]){re.escape(str(repository.parent))}/")
    assert lines_with(texts, here) == []
    host = socket.gethostname()
    if len(host) > 8:  # a short one may be a word
        assert lines_with(texts, re.compile(rf"\b{re.escape(host)}\b")) == []


def test_no_lock_file_is_kept(texts: dict[str, str]) -> None:
    assert not [name for name in texts if name.endswith((".lock", "Pipfile"))]


def test_every_dependency_has_a_notice(
    texts: dict[str, str], requirements: dict[str, list[Requirement]]
) -> None:
    rows = {
        canonicalize_name(cells[1].strip()): [cell.strip() for cell in cells[2:-1]]
        for cells in (line.split("|") for line in texts["THIRD_PARTY_NOTICES.md"].splitlines())
        if len(cells) == 6
    }
    for one in requirements["runtime"] + requirements["extras"]:
        assert canonicalize_name(one.name) in rows, f"{one.name} has no row"
        versions, licence, _ = rows[canonicalize_name(one.name)]
        assert versions == f"`{one.specifier}`"
        assert licence


def test_every_dependency_is_pinned_with_hashes_for_ci(
    texts: dict[str, str], requirements: dict[str, list[Requirement]]
) -> None:
    text = texts[".ci/constraints.txt"]
    pins = dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", text, re.MULTILINE))
    assert text.count("--hash=sha256:") >= len(pins) > 0
    assert "://" not in text
    assert not {"torch", "sentence-transformers"} & set(pins)
    for one in requirements["pinned"]:
        pinned = pins.get(canonicalize_name(one.name))
        assert pinned, f"{one.name} has no pin: run `just pin`"
        assert one.specifier.contains(pinned, prereleases=True), f"{one.name}: run `just pin`"


# Published together with the first by the same people, at the same version.
COMPANIONS = {"mcp-types": "mcp", "objc": "pyobjc-framework-cocoa"}
# What an extra is called that is not installed here to tell it.
EXTRAS_BY_IMPORT = {"llama-cpp": "llama-cpp-python"}
# And what only another system has.
SYSTEMS_BY_IMPORT = {
    "appkit": "pyobjc-framework-cocoa",
    "quartz": "pyobjc-framework-quartz",
    **dict.fromkeys(("win32api", "win32gui", "win32process", "win32service"), "pywin32"),
}


def imported_packages(texts: dict[str, str]) -> set[str]:
    """Return the top packages of others that the five layers import or look up by `find_spec`."""
    found = set()
    for name, text in texts.items():
        if not name.endswith(".py") or name.partition("/")[0] not in LAYERS:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "find_spec":
                found |= {str(one.value) for one in node.args if isinstance(one, ast.Constant)}
    return found - set(sys.stdlib_module_names) - {"memassist"}


def test_what_is_imported_is_required_and_what_is_required_is_imported(
    texts: dict[str, str], requirements: dict[str, list[Requirement]]
) -> None:
    owners = importlib.metadata.packages_distributions()
    names = {
        canonicalize_name(owner)
        for package in imported_packages(texts)
        for owner in owners.get(package, [package])
    }
    others = COMPANIONS | EXTRAS_BY_IMPORT | SYSTEMS_BY_IMPORT
    imported = {others.get(name, name) for name in names}
    required = {canonicalize_name(one.name) for one in requirements["runtime"]}
    extras = {canonicalize_name(one.name) for one in requirements["extras"]}
    assert imported - required - extras == set(), "imported and not in pyproject.toml"
    assert required - imported == set(), "in pyproject.toml and never imported"
