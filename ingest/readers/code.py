"""Source code and configuration: one document a file, cited by its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import is_text
from memassist.ingest.readers.sources import uri_of
from memassist.ingest.readers.text import load_text, suffix_of
from memassist.ingest.readers.times import time_of_file, zone_of
from memassist.ingest.readers.values import clean
from memassist.plugins.types import Mark, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

_LANGUAGES = {
    ".py": "Python",
    ".pyi": "Python",
    ".js": "JavaScript",
    ".mjs": "JavaScript",
    ".cjs": "JavaScript",
    ".jsx": "JavaScript",
    ".ts": "TypeScript",
    ".tsx": "TypeScript",
    ".c": "C",
    ".h": "C",
    ".cc": "C++",
    ".cpp": "C++",
    ".cxx": "C++",
    ".hpp": "C++",
    ".cs": "C#",
    ".java": "Java",
    ".kt": "Kotlin",
    ".swift": "Swift",
    ".go": "Go",
    ".rs": "Rust",
    ".rb": "Ruby",
    ".php": "PHP",
    ".pl": "Perl",
    ".lua": "Lua",
    ".r": "R",
    ".jl": "Julia",
    ".scala": "Scala",
    ".hs": "Haskell",
    ".ml": "OCaml",
    ".ex": "Elixir",
    ".exs": "Elixir",
    ".erl": "Erlang",
    ".clj": "Clojure",
    ".el": "Emacs Lisp",
    ".lisp": "Lisp",
    ".dart": "Dart",
    ".zig": "Zig",
    ".nix": "Nix",
    ".sql": "SQL",
    ".sh": "shell",
    ".bash": "shell",
    ".zsh": "shell",
    ".fish": "shell",
    ".ps1": "PowerShell",
    ".bat": "batch",
    ".css": "CSS",
    ".scss": "CSS",
    ".vue": "Vue",
    ".svelte": "Svelte",
    ".toml": "TOML",
    ".yaml": "YAML",
    ".yml": "YAML",
    ".ini": "INI",
    ".cfg": "INI",
    ".tf": "Terraform",
    ".proto": "Protocol Buffers",
    ".graphql": "GraphQL",
}
_NAMES = {"makefile": "Make", "dockerfile": "Docker", "justfile": "just", "cmakelists.txt": "CMake"}
_GENERATED_LINE = 5_000
"""A mean length of lines above it is no person's writing: it was packed by a program."""


class CodeReader:
    """Reads source code."""

    name = "code"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """By the name, or by a first line that names an interpreter; the bytes must be text."""
        if not file.size_bytes or _language(file) is None:
            return 0.0
        return 0.7 if is_text(file.head) else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one document, or one skip or problem."""
        zone_of(options.timezone)
        loaded = load_text(file, options)
        if not isinstance(loaded, tuple):
            yield loaded
            return
        text, _ = loaded
        if not text.strip():
            yield Skipped(file.name, "blank text" if text else "empty file")
            return
        if len(text) > _GENERATED_LINE * (text.count("\n") + 1):
            yield Skipped(file.name, "code made by a program")
            return
        metadata: dict[str, FieldValue] = {"file_name": file.name}
        language = _language(file)
        if language is not None:
            metadata["language"] = language
        yield Record(
            text=text,
            place=file.name,
            kind="document",
            origin="file",
            # The name with its folder: a project has many of the same name.
            title=clean("/".join(file.name.split("/")[-2:])),
            sequence=0,
            occurred_at=time_of_file(file.path),
            uri=uri_of(file),
            marks=(Mark(0, "line 1", counts_lines=True),),
            metadata=metadata,
        )


def _language(file: SourceFile) -> str | None:
    base = file.name.rpartition("/")[2].lower()
    found = _NAMES.get(base) or _LANGUAGES.get(suffix_of(file.name))
    if found is None and file.head.startswith(b"#!") and not suffix_of(file.name):
        return "script"
    return found
