"""What every test runs in: a home of its own, no network, no settings of the person running it.

In CI (`CI` in the environment) a skip that `ALLOWED_SKIPS` does not name is a failure, so that a
test can't leave the run unnoticed. On a person's machine skips are counted and that is all.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import ModuleType

ALLOWED_SKIPS = {
    "tests/parity/": "its environment holds PyTorch; .ci/run makes it and runs it by itself",
    "tests/llm/": "llama.cpp has to be compiled; .ci/run does that and runs them by themselves",
    "tests/assistant/test_watch_system.py": "some containers give no name spaces of one's own",
    "tests/capture/test_sway.py": "some containers let no Wayland compositor run",
    "tests/assistant/test_daemon.py::test_other_users": "only root can be another user",
    "tests/assistant/test_daemon.py::test_a_socket_of_another_user": "only root can be another",
}
"""Beginnings of node ids that may skip in CI, with the reason."""


class Environment(dict[str, str]):
    """Variables of a process that a failure's report does not print: some are nobody's business."""

    def __repr__(self) -> str:
        return f"<{len(self)} variables>"

    def __or__(self, other: Any) -> Environment:  # type: ignore[override]  # stays of this class
        return Environment({**self, **other})


OUTSIDE_ENVIRONMENT = Environment(os.environ)
"""The environment pytest was started in."""

_PARITY_ENVIRONMENT = OUTSIDE_ENVIRONMENT.get("MEMASSIST_PARITY_VENV") or str(
    platformdirs.user_cache_path("memassist", appauthor=False)
    / f"parity-{sys.version_info.major}.{sys.version_info.minor}"
)
"""Where `tests/parity/run.py` keeps its environment, taken before the cache moves."""


class NetworkForbiddenError(AssertionError):
    """A test reached for something that is not this machine."""


@pytest.fixture(scope="session")
def outside_environment() -> Environment:
    """Return the environment pytest was started in, for child processes that may use the network.

    Without what would lead them to this project's own environment or to somebody's real home.
    """
    hidden = ("MEMASSIST_", "PYTEST_", "VIRTUAL_ENV", "PYTHON", "UV_NO_SYNC", "UV_PROJECT")
    return Environment(
        {name: text for name, text in OUTSIDE_ENVIRONMENT.items() if not name.startswith(hidden)}
    )


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the run a home directory of its own; one model cache serves all tests."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("MEMASSIST_")]:
            patch.delenv(name)
        patch.setenv("MEMASSIST_PARITY_VENV", _PARITY_ENVIRONMENT)
        patch.setenv("HOME", str(home))
        patch.setenv("USERPROFILE", str(home))
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        patch.setenv("MEMASSIST_MODEL_CACHE", str(tmp_path_factory.mktemp("models")))
        # Nothing of a test may land in the keyring of the person who runs it.
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        patch.setattr(socket.socket, "connect", _only_this_machine(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _only_this_machine(socket.socket.connect_ex))
        patch.setattr(socket, "getaddrinfo", _only_local_names(socket.getaddrinfo))
        yield


@pytest.fixture(autouse=True)
def _own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point each test at a store that does not exist yet."""
    monkeypatch.setenv("MEMASSIST_HOME", str(tmp_path_factory.mktemp("store") / "memassist"))


def _is_this_machine(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _only_this_machine(connect: Callable[..., object]) -> Callable[..., object]:
    def guarded(self: socket.socket, address: object) -> object:
        is_path = self.family == getattr(socket, "AF_UNIX", None)
        if not is_path and not (isinstance(address, tuple) and _is_this_machine(address[0])):
            raise NetworkForbiddenError(f"a test connects to {address!r}")
        return connect(self, address)

    return guarded


def _only_local_names(lookup: Callable[..., object]) -> Callable[..., object]:
    def guarded(host: object, *arguments: object, **named: object) -> object:
        if not _is_this_machine(host):
            raise NetworkForbiddenError(f"a test looks up {host!r}")
        return lookup(host, *arguments, **named)

    return guarded


@pytest.fixture(scope="session")
def make() -> ModuleType:
    """Return `ingest/documents/make.py`, which can't be imported: test folders are no packages."""
    name = "memassist_test_documents"
    if name in sys.modules:
        return sys.modules[name]
    place = Path(__file__).parent / "ingest" / "documents" / "make.py"
    spec = importlib.util.spec_from_file_location(name, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up while they are made.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn an unexpected skip of a test into a failure."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn an unexpected skip of a whole module into a failure."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    is_expected_failure = hasattr(report, "wasxfail")
    if not report.skipped or is_expected_failure or not OUTSIDE_ENVIRONMENT.get("CI"):
        return
    if report.nodeid.startswith(tuple(ALLOWED_SKIPS)):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} may not be skipped in CI: {reason}"


@pytest.fixture(scope="session")
def repository(pytestconfig: pytest.Config) -> Path:
    """Return the top of the working tree."""
    return pytestconfig.rootpath
