import os
import subprocess
import sys
from pathlib import Path

import pytest

USES = {
    "a vector": """
from onnx import TensorProto, helper
from memassist.ingest.embedding.onnx_embedder import open_session
shape = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("in", "out")]
node = helper.make_node("Identity", ["in"], ["out"])
graph = helper.make_graph([node], "same", shape[:1], shape[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
open_session(model.SerializeToString(), 1)
""",
    "the text of a picture": """
import numpy as np
from memassist.ingest.readers.ocr import EngineSettings, recognise_lines
recognise_lines(np.zeros((64, 64, 3), np.uint8), EngineSettings(64, threads=1))
""",
    "a plugin": """
from memassist.plugins.loader import load
load({}, [])
import onnxruntime
onnxruntime.get_available_providers()
""",
}
"""The Python of a process that makes use of ONNX Runtime."""


def _left_behind(code: str, home: Path) -> list[str]:
    home.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("XDG_") and "TELEMETRY" not in name and name != "DO_NOT_TRACK"
    }
    subprocess.run(
        [sys.executable, "-c", code],
        env=kept | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")},
        check=True,
        timeout=120,
    )
    return [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]


@pytest.mark.parametrize("use", USES)
def test_no_library_notes_down_who_uses_it(use: str, tmp_path: Path) -> None:
    assert _left_behind(USES[use], tmp_path / "home") == []
