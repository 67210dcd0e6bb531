# What the project's own work needs; `uv` is on the PATH. `just` without a name lists these.

set shell := ["bash", "-euo", "pipefail", "-c"]

_list:
    @just --list

# A `memassist` package of links that type checkers and import-linter can follow
links:
    mkdir -p .typecheck/memassist && ln -sfn ../../{assistant,ingest,plugins,store,ui} .typecheck/memassist/

# Lint, format, types and import contracts
check: links
    uv run --group check ruff check .
    uv run --group check ruff format --check .
    uv run --group check mypy .typecheck/memassist tests docs
    PYTHONPATH=.typecheck uv run --group check lint-imports --no-logo

# The tests; words are handed to pytest
test *words:
    uv run pytest {{ words }}

# The pages that are written from the program
docs:
    uv run python docs/write_commands.py

# Wheel and source archive, in dist/; build/ would bring deleted files back
wheel:
    rm -rf build dist
    uv build

# The benchmarks, one after the other; each says what data it needs
bench:
    for file in tests/benchmarks/*.py; do uv run python "$file"; done

# Pin what CI installs: the newest of every range, with hashes and without addresses
pin:
    uv lock --upgrade --quiet
    uv export --frozen --quiet --no-emit-project --no-header --no-annotate --group check --output-file .ci/constraints.txt > /dev/null
