"""Writes demo.svg, the README's picture: what `memassist demo` prints, from a real run."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from memassist.assistant.demo import builtin_samples, run
from memassist.ui.cli.common import progress
from memassist.ui.cli.demo_view import view

COLUMNS = 88
CHARACTER_WIDTH = 12.2
"""Of rich's SVG export, in its units."""

_THEME = TerminalTheme(
    (22, 27, 34),
    (214, 221, 230),
    [
        (60, 66, 76), (235, 110, 110), (120, 200, 130), (230, 190, 90),
        (100, 160, 240), (200, 150, 240), (90, 200, 210), (214, 221, 230),
    ],
)  # fmt: skip
_BLANKS = re.compile(
    r'x="(?P<x>[\d.]+)"(?P<between> y="[\d.]+") textLength="(?P<length>[\d.]+)"'
    r"(?P<rest>[^>]*)>(?P<blanks>(?:&#160;)+)"
)


def main() -> None:
    """Run the demo and write the picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), highlight=False)
    for part in view(run(builtin_samples(), progress), command="uv run memassist", is_own=False):
        console.print(part)
    picture = console.export_svg(title="uv run memassist demo", theme=_THEME, unique_id="demo")
    Path(__file__).with_name("demo.svg").write_text(_plain(picture), encoding="utf-8")


def _plain(picture: str) -> str:
    """Return a picture that looks the same in every viewer and fetches nothing."""
    picture = re.sub(r"<!--.*?-->|@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    picture = picture.replace(
        "Fira Code, monospace", "Menlo, Consolas, DejaVu Sans Mono, monospace"
    )
    picture = re.sub(r"<text[^>]*>\s*</text>", "", picture)
    # Some viewers drop blanks at a text's beginning: the text begins later instead.
    picture = _BLANKS.sub(_begun_later, picture)
    lines = (line.rstrip() for line in picture.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def _begun_later(found: re.Match[str]) -> str:
    skipped = found["blanks"].count("&") * CHARACTER_WIDTH
    begin, length = float(found["x"]) + skipped, float(found["length"]) - skipped
    return f'x="{begin:.1f}"{found["between"]} textLength="{max(length, 0):.1f}"{found["rest"]}>'


if __name__ == "__main__":
    main()
