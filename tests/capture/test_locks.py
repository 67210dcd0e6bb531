"""Whether the session is locked: logind is played by a program of its name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from memassist.ingest.capture import locks

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.name == "nt", reason="a command of a shell")
@pytest.mark.parametrize("own_session", ["7", None], ids=["in a session", "as a service"])
def test_a_locked_session_is_told_also_to_a_service_that_is_in_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_session: str | None
) -> None:
    program = tmp_path / "loginctl"
    program.write_text(
        '#!/bin/sh\ncase "$1 $2 $3" in\n'
        f'"show-user {os.getuid()} --property=Display") echo 7;;\n'
        f'"show-session 7 --property=LockedHint") cat {tmp_path}/hint;;\n'
        "*) exit 1;;\nesac\n",
        encoding="utf-8",
    )
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("XDG_SESSION_ID", raising=False)
    if own_session:
        monkeypatch.setenv("XDG_SESSION_ID", own_session)
    monkeypatch.setattr(locks, "ASK_SECONDS", 0.0)
    lock = locks.SessionLock()
    for hint in ("no", "yes", "no"):
        (tmp_path / "hint").write_text(hint + "\n", encoding="ascii")
        assert lock.is_locked() is (hint == "yes")


def test_without_a_session_anywhere_nothing_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "loginctl"
    program.write_text("#!/bin/sh\n[ $1 = show-user ] || echo yes\n", encoding="ascii")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("XDG_SESSION_ID", raising=False)
    assert locks.SessionLock().is_locked() is False
