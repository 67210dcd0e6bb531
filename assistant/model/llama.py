"""A GGUF file run by llama.cpp in this process, by the extra `llm`.

Decoding with a schema goes by a grammar made from it, so a reply can be cut off but not be off the
schema. `LoadedFile` holds the model, of which a process has one.
"""

from __future__ import annotations

import codecs
import json
import time
from functools import lru_cache
from typing import TYPE_CHECKING

from memassist.assistant.errors import ModelError
from memassist.assistant.model.faults import cancelled, cut_off, too_slow
from memassist.assistant.model.llama_file import CHUNK_TOKENS, LoadedFile
from memassist.assistant.model.protocol import Completion
from memassist.assistant.model.reply import Shown, parsed, taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from llama_cpp import Llama, LlamaGrammar

    from memassist.assistant.model.protocol import Cancel, Message, Schema


class LlamaModel:
    """One GGUF file. Any thread may call; a call waits while another one runs."""

    leaves_machine = False

    def __init__(
        self, path: Path, *, context_tokens: int = 8_192, timeout_seconds: float = 120.0
    ) -> None:
        """Look at nothing yet; the first request loads the file.

        `context_tokens` is how much is asked for; a model that was trained on less gets that.
        """
        self._path = path
        self._context_tokens = context_tokens
        self._timeout_seconds = timeout_seconds

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._path.stem

    def load(self) -> int:
        """Load the model unless it is loaded, and return its context in tokens.

        Raises `ModelError`.
        """
        return self._loaded().context_tokens

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Return how many tokens the prompt of these messages has. Raises `ModelError`."""
        return len(self._loaded().prompt(messages)[0])

    def complete(
        self,
        messages: Sequence[Message],
        schema: Schema,
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
        cancel: Cancel | None = None,
    ) -> Completion:
        """Return one completion that conforms to the schema. Raises `ModelError`."""
        run = self._run(messages, schema, max_tokens, stop, cancel)
        written = "".join(run.pieces())
        if run.is_cancelled:
            raise cancelled()
        if run.is_cut:
            raise cut_off(run.written_tokens)
        text = taken(written)
        return Completion(text, parsed(text, schema), len(run.tokens), run.written_tokens)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Schema | None = None,
        stop: Sequence[str] = (),
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield what the model writes as it writes it. Raises `ModelError`."""
        run = self._run(messages, schema, max_tokens, stop, cancel)
        shown = Shown(is_reasoning=run.begins_in_reasoning and schema is None)
        for piece in run.pieces():
            if text := shown.add(piece):
                yield text
        if rest := shown.end():
            yield rest

    def _loaded(self) -> LoadedFile:
        return LoadedFile.of(self._path, self._context_tokens)

    def _run(
        self,
        messages: Sequence[Message],
        schema: Schema | None,
        max_tokens: int,
        stop: Sequence[str],
        cancel: Cancel | None,
    ) -> _Run:
        loaded = self._loaded()
        tokens, begins_in_reasoning = loaded.prompt(messages)
        over = len(tokens) + max_tokens - loaded.context_tokens
        if over > 0:
            raise ModelError(
                f"The prompt has {len(tokens)} tokens and its answer may take {max_tokens}, but"
                f" the model's context holds {loaded.context_tokens}.",
                "Give it more with model.context_tokens, if the model was trained on more.",
                "too long",
            )
        grammar = None if schema is None else json.dumps(schema)
        return _Run(
            loaded, tokens, begins_in_reasoning, grammar, max_tokens, stop, cancel,
            self._timeout_seconds,
        )  # fmt: skip


class _Run:
    """One reply being written."""

    def __init__(
        self,
        loaded: LoadedFile,
        tokens: list[int],
        begins_in_reasoning: bool,
        grammar: str | None,
        max_tokens: int,
        stop: Sequence[str],
        cancel: Cancel | None,
        timeout_seconds: float,
    ) -> None:
        self._loaded = loaded
        self.tokens = tokens
        self.begins_in_reasoning = begins_in_reasoning
        self._grammar = grammar
        self._max_tokens = max_tokens
        self._stop = [text for text in stop if text]
        self._cancel = cancel
        self._timeout_seconds = timeout_seconds
        self.written_tokens = 0
        self.is_cut = False
        """Whether it ended for want of tokens."""

    @property
    def is_cancelled(self) -> bool:
        return self._cancel is not None and self._cancel.is_cancelled

    def pieces(self) -> Iterator[str]:
        """Yield the text as far as it is sure that no stop word begins in it."""
        held = ""
        for text in self._texts():
            held += text
            ends = [held.find(word) for word in self._stop if word in held]
            if ends:
                yield held[: min(ends)]
                return
            sure = len(held) - self._begun_stop(held)
            yield held[:sure]
            held = held[sure:]
        yield held

    def _begun_stop(self, text: str) -> int:
        """Return how many characters at the end may be the beginning of a stop word."""
        return max(
            (
                size
                for word in self._stop
                for size in range(1, len(word))
                if text.endswith(word[:size])
            ),
            default=0,
        )

    def _texts(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            with self._loaded.alone(self._cancel, self._timeout_seconds) as llama:
                for token in self._tokens(llama):
                    piece = self._loaded.piece(token)
                    if piece is None:
                        break
                    self.written_tokens += 1
                    yield decoder.decode(piece)
                    if self.written_tokens == self._max_tokens:
                        self.is_cut = True
                        break
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                "llama.cpp failed while it wrote.", "Try another model.", "malformed"
            ) from error
        yield decoder.decode(b"", final=True)

    def _tokens(self, llama: Llama) -> Iterator[int]:
        """Yield the reply's tokens until told to stop; ends early where it is cancelled."""
        deadline = time.monotonic() + self._timeout_seconds
        grammar = None if self._grammar is None else _grammar(self._grammar)
        try:
            done = _keep_beginning(llama, self.tokens)
            while done < len(self.tokens):
                if self._is_over(deadline):
                    return
                llama.eval(self.tokens[done : done + CHUNK_TOKENS])
                done += CHUNK_TOKENS
            for token in llama.generate(self.tokens, temp=0.0, grammar=grammar):
                yield token
                if self._is_over(deadline):
                    return
        except (RuntimeError, ValueError):
            llama.reset()  # what is left in the cache is no known text
            raise

    def _is_over(self, deadline: float) -> bool:
        if time.monotonic() > deadline:
            raise too_slow(self._timeout_seconds)
        return self.is_cancelled


def _keep_beginning(llama: Llama, tokens: Sequence[int]) -> int:
    """Keep what the cache has of the prompt's beginning, and return how many tokens that is."""
    import llama_cpp

    # The last token is always given anew, as the next one is drawn from what it leaves behind.
    known: int = llama.longest_token_prefix(llama.input_ids[: llama.n_tokens].tolist(), tokens[:-1])
    memory = llama_cpp.llama_get_memory(llama.ctx)
    if known and llama_cpp.llama_memory_seq_rm(memory, -1, known, -1):
        llama.n_tokens = known
        return known
    llama.reset()
    return 0


@lru_cache(maxsize=16)
def _grammar(schema: str) -> LlamaGrammar:
    from llama_cpp import LlamaGrammar

    return LlamaGrammar.from_json_schema(schema, verbose=False)
