"""Our vectors are those of sentence-transformers, where its environment has been made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_vectors_agree_with_sentence_transformers() -> None:
    script = Path(__file__).with_name("run.py")
    done = subprocess.run(
        [sys.executable, script, "--no-install"], capture_output=True, text=True, check=False
    )
    if done.returncode == 2:
        pytest.skip("no parity environment: make it with `uv run python tests/parity/run.py`")
    assert done.returncode == 0, done.stdout + done.stderr
