"""The example in the Python guide runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_guides_example_runs_and_answers(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "boiler.md").write_text("# Boiler\n\nThe boiler was serviced in May by Mr Harris.\n")
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {
        "home": tmp_path / "home",
        "key_file": tmp_path / "keys" / "memassist.key",
        "notes": notes,
    }
    exec(compile(example, str(GUIDE), "exec"), names)
    answer = names["answer"]
    assert "Leeds" in str(getattr(answer, "answer", ""))
