"""Which language model answers: the one that the settings name, and what else this machine has.

`check_file` and `check_server` try a model before the settings name it. A file is tried in a
process of its own, as llama.cpp ends the whole process over some damaged files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memassist.assistant.errors import ModelError
from memassist.assistant.model.address import is_this_machine, parse_address
from memassist.assistant.model.protocol import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from memassist.assistant.config import Config
    from memassist.assistant.model.protocol import Model, Schema

SERVERS = (("Ollama", 11434), ("llama-server", 8080), ("LM Studio", 1234), ("vLLM", 8000))
"""Where servers of these makers listen unless told otherwise."""
LISTING_SECONDS = 2.0
TRY_TOKENS = 512
TRY: tuple[Message, ...] = (
    Message("system", "You answer in JSON."),
    Message("user", "Is ice frozen water? Set yes to true or false."),
)
TRY_SCHEMA: Schema = {
    "type": "object",
    "properties": {"yes": {"type": "boolean"}},
    "required": ["yes"],
    "additionalProperties": False,
}
_MOST_FILES = 200
_CRASHED = ModelError(
    "llama.cpp crashed on this file.", "Fetch it anew, or use another model.", "refused"
)


@dataclass(frozen=True, slots=True)
class Size:
    """A class of models that a machine has the memory for."""

    memory_gb: float
    """Least memory of the machine for it to leave room for other programs."""
    parameters: str
    file_gb: float
    example: str


SIZES = (
    Size(4, "1 to 2 billion", 1.1, "Qwen2.5-1.5B-Instruct Q4_K_M"),
    Size(8, "3 to 4 billion", 2.5, "Qwen3-4B-Instruct-2507 Q4_K_M"),
    Size(16, "7 to 9 billion", 5.0, "Qwen2.5-7B-Instruct Q4_K_M"),
    Size(32, "12 to 15 billion", 9.0, "Qwen2.5-14B-Instruct Q4_K_M"),
)
"""By memory. Examples of the size alone: none of them was measured for this table."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A model that answered."""

    name: str
    seconds: float
    """Until its first small answer was whole, loading included."""
    context_tokens: int | None = None
    """None where a server does not say."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A GGUF file that another program fetched."""

    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that listens on this machine."""

    name: str
    """Of the program that mostly listens there; it may be another."""
    url: str
    models: tuple[str, ...]


def model_of(config: Config) -> Model | None:
    """Return the model that the settings name, not loaded or connected to yet; None for none."""
    timeout_seconds = config.number("model.timeout_seconds")
    path, url = config.text("model.path"), config.text("model.url")
    if path:
        from memassist.assistant.model.llama import LlamaModel

        tokens = int(config.number("model.context_tokens"))
        return LlamaModel(
            Path(path).expanduser(), context_tokens=tokens, timeout_seconds=timeout_seconds
        )
    if not url:
        return None
    from memassist.assistant.model.server import ServerModel

    return ServerModel(
        url,
        config.text("model.name"),
        allow_remote=config.flag("model.allow_remote"),
        timeout_seconds=timeout_seconds,
    )


def banner(config: Config) -> str:
    """Return what to show as long as texts may leave this machine; empty where they can't."""
    url = config.text("model.url")
    if not url or config.text("model.path") or not config.flag("model.allow_remote"):
        return ""
    try:
        address = parse_address(url)
    except ModelError:
        return ""
    if is_this_machine(address):
        return ""
    return f"Questions and what they find are sent to {address.host}, away from this machine."


def recommended(memory_bytes: int | None = None) -> Size | None:
    """Return the largest size that suits a machine with so much memory, by default this one.

    None where there is too little for any.
    """
    if memory_bytes is None:
        import psutil

        memory_bytes = psutil.virtual_memory().total
    # A machine sold with 8 GB shows less than that.
    memory_gb = memory_bytes / 2**30 * 1.1
    return next((size for size in reversed(SIZES) if size.memory_gb <= memory_gb), None)


def is_short_of_memory(size_bytes: int) -> bool:
    """Whether a file of that size and its context would not fit into what is free now."""
    import psutil

    free: int = psutil.virtual_memory().available
    return size_bytes * 1.1 + 2**29 > free


def found_files() -> tuple[FoundFile, ...]:
    """Return GGUF files where the programs that fetch them keep them, in order of path."""
    found: dict[Path, FoundFile] = {}
    for folder in _folders():
        for path in _gguf_files(folder):
            if len(found) == _MOST_FILES:
                break
            try:
                target = path.resolve()
                found.setdefault(target, FoundFile(path, target.stat().st_size))
            except OSError:
                continue  # a link that leads nowhere
    return tuple(sorted(found.values(), key=lambda one: one.path))


def _folders() -> Iterator[Path]:
    from memassist.assistant.model.fetch import files_dir  # it reads no file, but takes a while

    home = Path.home()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    yield Path(os.environ.get("HF_HOME") or cache / "huggingface") / "hub"
    yield Path(os.environ.get("LLAMA_CACHE") or cache / "llama.cpp")
    yield home / ".lmstudio" / "models"
    yield cache / "lm-studio" / "models"
    yield data / "nomic.ai" / "GPT4All"
    yield home / "models"
    yield files_dir()


def _gguf_files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in folder.rglob("*.gguf"):
        is_later_part = "-of-" in path.stem and "-00001-of-" not in path.stem
        if not path.name.startswith("mmproj") and not is_later_part:
            yield path


def found_servers() -> tuple[FoundServer, ...]:
    """Return the servers that answer at the usual ports of this machine."""
    from memassist.assistant.model.server import ServerModel

    found = []
    for name, port in SERVERS:
        url = f"http://127.0.0.1:{port}/v1"
        try:
            models = ServerModel(url, "", timeout_seconds=LISTING_SECONDS).served()
        except ModelError:
            continue
        found.append(FoundServer(name, url, models))
    return tuple(found)


def check_file(path: Path, *, context_tokens: int, timeout_seconds: float) -> Checked:
    """Load a GGUF file in a process of its own and have it answer. Raises `ModelError`."""
    words = [sys.executable, "-m", __name__, str(path), str(context_tokens), str(timeout_seconds)]
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=timeout_seconds + 60,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            "The model takes too long to load.", "Use a smaller one.", "timeout"
        ) from error
    try:
        said = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        raise _CRASHED from None
    if "reason" in said:
        raise ModelError(said["reason"], said["advice"], said["fault"])
    return Checked(said["name"], said["seconds"], said["context_tokens"])


def check_server(url: str, name: str, *, allow_remote: bool, timeout_seconds: float) -> Checked:
    """Have a server's model answer. Raises `ModelError`.

    Without a name the server's only model is taken; where it has several, the error names them.
    """
    from memassist.assistant.model.server import ServerModel

    def client(model_name: str) -> ServerModel:
        return ServerModel(
            url, model_name, allow_remote=allow_remote, timeout_seconds=timeout_seconds
        )

    if not name:
        served = client("").served()
        if len(served) != 1:
            have = f"has {', '.join(served)}" if served else "has no model"
            raise ModelError(
                f"The server at {url} {have}.",
                "Say which: memassist model use URL --name NAME" if served else "Fetch one first.",
                "refused",
            )
        name = served[0]
    started = time.monotonic()
    client(name).complete(TRY, TRY_SCHEMA, max_tokens=TRY_TOKENS)
    return Checked(name, time.monotonic() - started)


def _try_file(path: Path, context_tokens: int, timeout_seconds: float) -> Mapping[str, object]:
    """Return what the process of `check_file` says."""
    from memassist.assistant.model.llama import LlamaModel

    started = time.monotonic()
    model = LlamaModel(path, context_tokens=context_tokens, timeout_seconds=timeout_seconds)
    try:
        tokens = model.load()
        model.complete(TRY, TRY_SCHEMA, max_tokens=TRY_TOKENS)
    except ModelError as error:
        return {"reason": str(error), "advice": error.advice, "fault": error.fault}
    seconds = time.monotonic() - started
    return {"name": model.name, "seconds": seconds, "context_tokens": tokens}


if __name__ == "__main__":
    result = _try_file(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    sys.stdout.write(json.dumps(result) + "\n")
