"""A language model's file from the hub; a server on this machine stands in for it."""

from __future__ import annotations

import hashlib
import http.server
import shutil
import threading
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from memassist.assistant.model import choose
from memassist.assistant.model.fetch import fetch_file, files_dir
from memassist.ingest.embedding.errors import ModelDamagedError, ModelDownloadError
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED = "ann/Small-GGUF/small-q4.gguf"
CONTENT = b"GGUF" + bytes(range(256)) * 4_000


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMASSIST_MODEL_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def hub() -> Iterator[dict[str, bytes]]:
    """Yield what a server has by path; `url` is where it is."""
    files: dict[str, bytes] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    files["url"] = f"http://127.0.0.1:{server.server_address[1]}".encode()
    yield files
    server.shutdown()
    thread.join()
    server.server_close()


def offer(hub: dict[str, bytes], content: bytes = CONTENT, said: bytes = CONTENT) -> str:
    """Put a file on the hub and return its address; `said` is what its pointer is of."""
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(said).hexdigest()}\nsize {len(said)}\n"
    )
    hub["/ann/Small-GGUF/raw/main/small-q4.gguf"] = pointer.encode()
    hub["/ann/Small-GGUF/resolve/main/small-q4.gguf"] = content
    return hub["url"].decode()


def test_a_file_is_fetched_once_and_found_by_the_list(hub: dict[str, bytes]) -> None:
    seen: list[int] = []
    url = offer(hub)
    path = fetch_file(WANTED, base_url=url, progress=lambda name, done, total: seen.append(done))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == len(CONTENT)
    assert path in [one.path for one in choose.found_files()]
    del hub["/ann/Small-GGUF/resolve/main/small-q4.gguf"]
    assert fetch_file(WANTED, base_url=url) == path


@pytest.mark.parametrize("came", [CONTENT[:-1] + b"x", CONTENT[:-9], CONTENT + b"more"])
def test_a_file_that_is_not_the_one_promised_is_not_kept(
    hub: dict[str, bytes], came: bytes
) -> None:
    with pytest.raises((ModelDamagedError, ModelDownloadError)):
        fetch_file(WANTED, base_url=offer(hub, came))
    assert list(files_dir().iterdir()) == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("small-q4.gguf", "OWNER/NAME/FILE"),
        ("ann/../../etc/passwd.gguf", "OWNER/NAME/FILE"),
        ("ann/Big-GGUF/big-00001-of-00003.gguf", "several parts"),
        ("ann/Small-GGUF/none.gguf", "404"),
    ],
)
def test_what_can_not_be_fetched_says_why(hub: dict[str, bytes], wanted: str, said: str) -> None:
    with pytest.raises(ModelDownloadError, match=said):
        fetch_file(wanted, base_url=hub["url"].decode())


def test_a_file_without_a_sum_or_without_room_is_not_begun(
    hub: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = offer(hub)
    usage = shutil.disk_usage(tmp_path)._replace(free=len(CONTENT) // 2)
    monkeypatch.setattr("memassist.assistant.model.fetch.shutil.disk_usage", lambda path: usage)
    with pytest.raises(ModelDownloadError, match="are free"):
        fetch_file(WANTED, base_url=url)
    hub["/ann/Small-GGUF/raw/main/small-q4.gguf"] = b"GGUF small"
    with pytest.raises(ModelDownloadError, match="does not tell the sum"):
        fetch_file(WANTED, base_url=url)


def test_the_command_fetches_and_says_how_to_use_it(
    hub: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = offer(hub)
    assert fetch_file.__kwdefaults__ is not None
    monkeypatch.setitem(fetch_file.__kwdefaults__, "base_url", url)
    refused = CliRunner().invoke(cli, ["model", "pull", WANTED])
    assert refused.exit_code == 2
    assert "--from hub" in refused.output
    done = CliRunner().invoke(cli, ["model", "pull", WANTED, "--from", "hub"])
    assert done.exit_code == 0, done.output
    assert f"memassist model use {files_dir() / 'small-q4.gguf'}" in done.stderr
