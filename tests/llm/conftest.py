"""A GGUF file small enough to be made on the spot, and a trained one where it is at hand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from memassist.assistant.model.llama_file import LoadedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy.typing as npt

if os.environ.get("MEMASSIST_LLM_REQUIRED"):
    import llama_cpp  # noqa: F401 - where run.py provides it, its absence is no reason to skip

LAYERS, WIDTH, HEADS, INNER = 2, 64, 4, 128
CONTEXT_TOKENS = 4_096
CONTROL_TOKENS = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>")
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] | trim }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)


def write_tiny_gguf(path: Path, *, seed: int = 5, template: str = CHAT_TEMPLATE) -> None:
    """Write a Llama of two layers with random weights, which knows bytes and a few control tokens.

    It writes rubbish, the same each time, and so shows what is done by the decoding alone.
    """
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("llama")
    kinds = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * (len(CONTROL_TOKENS) - 1)
    words = [*CONTROL_TOKENS, *(f"<0x{byte:02X}>" for byte in range(256))]
    writer.add_token_list(words)
    writer.add_token_scores([0.0] * len(words))
    writer.add_token_types(kinds + [gguf.TokenType.BYTE] * 256)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_eot_token_id(4)
    writer.add_add_space_prefix(False)
    if template:
        writer.add_chat_template(template)
    random = np.random.default_rng(seed)

    def weights(*shape: int) -> npt.NDArray[np.float32]:
        return random.normal(0.0, 0.3, shape).astype(np.float32)

    writer.add_tensor("token_embd.weight", weights(len(words), WIDTH))
    writer.add_tensor("output.weight", weights(len(words), WIDTH))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, np.float32))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", weights(WIDTH, WIDTH))
        writer.add_tensor(f"blk.{layer}.ffn_gate.weight", weights(INNER, WIDTH))
        writer.add_tensor(f"blk.{layer}.ffn_up.weight", weights(INNER, WIDTH))
        writer.add_tensor(f"blk.{layer}.ffn_down.weight", weights(WIDTH, INNER))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture(scope="session")
def make_gguf() -> Callable[..., None]:
    """Return `write_tiny_gguf`."""
    return write_tiny_gguf


@pytest.fixture(autouse=True)
def _nothing_loaded() -> Iterator[None]:
    """Have each test load what it needs."""
    yield
    LoadedFile.drop()


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the file with random weights."""
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    write_tiny_gguf(path)
    return path


@pytest.fixture(scope="session")
def stories_gguf(repository: Path) -> Path:
    """Return the path of a model of 260,000 weights that writes simple stories."""
    path = repository.parent / "shared" / "data" / "gguf" / "stories260K.gguf"
    if not path.exists():
        pytest.skip("stories260K.gguf is not at hand")
    return path
