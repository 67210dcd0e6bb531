"""The tests' own guards: no network, no home of the person, no silent skip."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


def test_a_connection_off_this_machine_fails() -> None:
    with (
        socket.socket() as outside,
        pytest.raises(AssertionError, match=r"connects to \('192\.0\.2\.1'"),
    ):
        outside.connect(("192.0.2.1", 80))


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(AssertionError, match=r"looks up 'example\.org'"):
        urllib.request.urlopen("http://example.org/", timeout=5)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address) as client:
            assert client.getpeername() == address


def test_the_home_is_a_temporary_one(
    outside_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.getbasetemp()
    for name in ("HOME", "MEMASSIST_HOME", "MEMASSIST_MODEL_CACHE", "XDG_DATA_HOME"):
        assert Path(os.environ[name]).is_relative_to(base)
    assert not Path(os.environ["MEMASSIST_HOME"]).exists()
    assert outside_environment["HOME"] != os.environ["HOME"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("def test_it():\n    pytest.skip('tired')\n", "test_it may not be skipped in CI"),
        ("pytest.importorskip('no_such')\n", "may not be skipped in CI"),
    ],
    ids=["test", "module"],
)
@pytest.mark.parametrize("is_ci", [True, False])
def test_an_unexpected_skip_fails_in_ci_alone(
    tmp_path: Path, repository: Path, body: str, line: str, is_ci: bool
) -> None:
    (tmp_path / "tests").mkdir()
    shutil.copy(repository / "tests" / "conftest.py", tmp_path / "tests")
    shutil.copy(repository / "pyproject.toml", tmp_path)
    (tmp_path / "tests" / "test_tired.py").write_text(f"import pytest\n{body}")
    environment = {name: text for name, text in os.environ.items() if name != "CI"}
    environment |= {"CI": "true"} if is_ci else {}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (line in done.stdout) is is_ci
    assert ("1 skipped" in done.stdout) is not is_ci
    assert (done.returncode not in (0, 5)) is is_ci, done.stdout
