"""A GGUF file loaded by llama.cpp: its context, its tokens, its chat template.

One is loaded at a time, when it is first asked for, and kept: `LoadedFile.of` sees to that. One
thread at a time writes with it (`LoadedFile.alone`); others wait.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import threading
import time
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from memassist.assistant.errors import ModelError
from memassist.assistant.model.chat_template import PLAIN, Part, prompt_parts
from memassist.assistant.model.faults import cancelled, too_slow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from llama_cpp import Llama

    from memassist.assistant.model.protocol import Cancel, Message

MAGIC = b"GGUF"
CHUNK_TOKENS = 128
"""Of a prompt between two looks at the clock and at `cancel`: a second or so on a processor."""
WAIT_SECONDS = 0.1
_PIECE_BYTES = 1_024
"""No token is longer."""
_LOG_ERROR = 4
"""GGML_LOG_LEVEL_ERROR of ggml.h; the binding has no name for it."""


class LoadedFile:
    """A loaded model; the one of this process."""

    _lock: ClassVar[threading.Lock] = threading.Lock()
    _current: ClassVar[tuple[tuple[object, ...], LoadedFile] | None] = None

    def __init__(self, path: Path, context_tokens: int) -> None:
        """Load it. Raises `ModelError`."""
        self._llama = _load(path, context_tokens)
        self._used = threading.Lock()
        trained = self._metadata(f"{self._metadata('general.architecture')}.context_length")
        limits = [self._llama.n_ctx(), int(trained) if trained.isdigit() else 0]
        self.context_tokens: int = min(limit for limit in limits if limit)
        """How much a prompt and its answer may take together."""

    @classmethod
    def of(cls, path: Path, context_tokens: int) -> LoadedFile:
        """Return the model of a file; another one that was loaded goes as soon as nobody uses it.

        A file that changed is loaded anew.
        """
        try:
            status = path.stat()
        except OSError as error:
            raise ModelError(
                f"There is no model file at {path}.", "Choose one: memassist model use", "refused"
            ) from error
        key = (path.resolve(), status.st_mtime_ns, status.st_size, context_tokens)
        with cls._lock:
            if cls._current is None or cls._current[0] != key:
                cls._current = None  # before the next is loaded, as two may not fit
                cls._current = (key, cls(path, context_tokens))
                atexit.register(cls.drop)
            return cls._current[1]

    @classmethod
    def is_loaded(cls) -> bool:
        """Whether this process holds a model."""
        return cls._current is not None

    @classmethod
    def drop(cls) -> None:
        """Forget the model; its memory is free once nobody uses it."""
        cls._current = None

    @contextmanager
    def alone(self, cancel: Cancel | None, timeout_seconds: float) -> Iterator[Llama]:
        """Give the model to one thread, which may wait for its turn so long."""
        deadline = time.monotonic() + timeout_seconds
        while not self._used.acquire(timeout=WAIT_SECONDS):
            if cancel is not None and cancel.is_cancelled:
                raise cancelled()
            if time.monotonic() > deadline:
                raise too_slow(timeout_seconds)
        try:
            yield self._llama
        finally:
            self._used.release()

    def prompt(self, messages: Sequence[Message]) -> tuple[list[int], bool]:
        """Return the prompt's tokens and whether it ends within a block of reasoning."""
        llama = self._llama
        bos, eos = (self._text_of(token) for token in (llama.token_bos(), llama.token_eos()))
        template = self._metadata("tokenizer.chat_template") or PLAIN
        parts = prompt_parts(template, messages, bos_token=bos, eos_token=eos)
        has_bos = bool(bos) and parts[0].is_from_template and parts[0].text.startswith(bos)
        tokens: list[int] = []
        if not has_bos:
            tokens += llama.tokenize(b"", add_bos=True, special=False)
        for number, part in enumerate(parts):
            tokens += self._tokens(part, is_first=number == 0)
        return tokens, parts[-1].text.rstrip().endswith(("<think>", "<thinking>", "<reasoning>"))

    def piece(self, token: int) -> bytes | None:
        """Return the bytes that a token stands for; None for one that ends the reply."""
        import llama_cpp

        if llama_cpp.llama_vocab_is_eog(self._vocab, token):
            return None
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        size = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, _PIECE_BYTES, 0, False)
        return buffer.raw[: max(size, 0)]

    @cached_property
    def _vocab(self) -> object:
        import llama_cpp

        return llama_cpp.llama_model_get_vocab(self._llama.model)

    def _tokens(self, part: Part, *, is_first: bool) -> list[int]:
        """Return a part's tokens as they are in the middle of a text.

        Some vocabularies put a space before whatever they are given. What follows a line break gets
        none, so a later part is given after one, which is then taken off.
        """
        content = part.text.encode("utf-8", "replace")
        how = {"add_bos": False, "special": part.is_from_template}
        alone: list[int] = self._llama.tokenize(content, **how)
        if is_first or not self._puts_space:
            return alone
        mark: list[int] = self._llama.tokenize(b"\n", **how)
        after: list[int] = self._llama.tokenize(b"\n" + content, **how)
        return after[len(mark) :] if after[: len(mark)] == mark else alone

    @cached_property
    def _puts_space(self) -> bool:
        first = self._llama.tokenize(b"a", add_bos=False, special=False)[:1]
        return bool(first) and (self.piece(first[0]) or b"").startswith(b" ")

    def _metadata(self, name: str) -> str:
        return str(self._llama.metadata.get(name, ""))

    def _text_of(self, token: int) -> str:
        import llama_cpp

        if token < 0:
            return ""
        return (llama_cpp.llama_vocab_get_text(self._vocab, token) or b"").decode(
            "utf-8", "replace"
        )


def _load(path: Path, context_tokens: int) -> Llama:
    """Load a file. Raises `ModelError`."""
    try:
        with path.open("rb") as file:
            is_gguf = file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise ModelError(
            f"{path} can't be read ({error.strerror}).", "Check the path.", "refused"
        ) from error
    if not is_gguf:
        raise ModelError(
            f"{path.name} is no GGUF file.", "Use a file that ends in .gguf.", "refused"
        )
    try:
        import llama_cpp
    except ImportError as error:
        raise ModelError(
            "Running a GGUF file needs llama.cpp, which is not installed.",
            "In a clone: uv sync --extra llm; else: pip install 'memassist[llm]'. It is compiled"
            " for some minutes and needs a C++ compiler. Or use a server, such as Ollama.",
            "refused",
        ) from error
    faults = _listen()
    try:
        return llama_cpp.Llama(
            str(path),
            n_ctx=context_tokens,
            n_batch=CHUNK_TOKENS,
            n_threads=_threads(),
            n_threads_batch=_threads(),
            n_gpu_layers=-1,  # all that a build for a graphics card can take; else it says nothing
            verbose=False,
        )
    except Exception as error:  # other people's code on other people's file: it may raise anything
        said = f"llama.cpp says: {faults[0]}" if faults else f"({type(error).__name__})"
        raise ModelError(
            f"{path.name} can't be loaded. {said}",
            "Use another file, or a smaller one if memory is short.",
            "refused",
        ) from error


def _threads() -> int:
    import psutil

    return psutil.cpu_count(logical=False) or os.cpu_count() or 1


_faults: list[str] = []
_listener: object = None


def _listen() -> list[str]:
    """Have llama.cpp tell its errors to the list that is returned, and print nothing."""
    import llama_cpp
    from llama_cpp import _internals, llama

    global _listener
    _faults.clear()
    if _listener is None:

        def hear(level: int, text: bytes, data: object) -> None:
            del data
            if level == _LOG_ERROR and len(_faults) < 8:
                _faults.append(" ".join(text.decode("utf-8", "replace").split())[:200])

        _listener = llama_cpp.llama_log_callback(hear)
        llama_cpp.llama_log_set(_listener, ctypes.c_void_p(0))
        # While it loads, the binding points the whole process's standard output elsewhere: an MCP
        # server's answers and the app's pictures would be lost. It has nothing more to print.
        for module in (_internals, llama):
            module.suppress_stdout_stderr = lambda disable=True: nullcontext()
    return _faults
