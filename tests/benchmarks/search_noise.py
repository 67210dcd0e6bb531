"""How much of a question's evidence is still found among 50,000 passages of something else.

usage: search_noise.py BENCH.json[.gz] [--passages 50000] [--homes DIR] [--every 1]

The rest is what a computer's memory fills up with: text read off the screen, menus, logs, and
documents about other things (the standard library's documentation). BENCH is as in
recall_table.py. Prints the share of evidence @1, @10 and @50 of each corpus alone and among the
noise, and how much noise stands among the first ten.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import inspect
import json
import pkgutil
import random
import shutil
import statistics
import sys
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from memassist.assistant import Memory, Query
from memassist.ingest.embed import embedded_text
from memassist.ingest.split import split
from memassist.plugins.types import Record
from memassist.store import items, vectors

if TYPE_CHECKING:
    from collections.abc import Iterator

CUTS = (1, 10, 50)
NOISE = "noise:made up"
"""Its source, as a hit names it."""
BATCH = 512
START = datetime(2023, 1, 1, tzinfo=UTC)
MENUS = (
    "File Edit View History Bookmarks Tools Help", "Home Share View Search this PC",
    "New Open Save Save As Print Close", "Back Forward Reload Downloads Settings Sign out",
    "Inbox Starred Snoozed Sent Drafts Spam Trash", "Cut Copy Paste Select all Find Replace",
    "Photos Albums Favourites Recently added", "Play Pause Next Volume Queue Lyrics",
)  # fmt: skip
SUBJECTS = (
    "the summer festival", "your weekly report", "a trip to the coast", "the family dinner",
    "our new running shoes", "the book club", "a dance class", "the adoption day",
    "a painting workshop", "the football final", "a game tournament", "an interview",
    "the charity race", "a camping weekend", "a new recipe", "the music concert",
    "your dentist", "the car repair", "a birthday present", "the support group",
)  # fmt: skip
FRAMES = (
    "{n} new messages about {s}", "Reminder: {s} on {d}", "10 things to know before {s}",
    "How to enjoy {s} without spending much", "People also viewed {s}", "Review: {s} was {a}",
    "Sponsored: {s}, now {n}% off", "Trending: {s}", "{s} - Search results, page {n}",
    "You have a meeting at {n}:00: {s}", "Weather for {s}: {a}, {n} degrees",
    "Reply all: I will bring {n} friends to {s}, it will be {a}",
)  # fmt: skip
MOODS = ("sunny", "wonderful", "cancelled", "fully booked", "quiet", "better than last year")
LOGS = (
    "{t} INFO worker-{n} request {h} done in {n} ms", "{t} WARN cache miss for key user:{h}",
    "{t} ERROR connection to 10.0.{n}.7 lost, retry {n} of 5", "{t} DEBUG gc freed {n} objects",
    "{t} INFO backup of /var/lib/data finished, {n} files", "{t} INFO session {h} opened for root",
)  # fmt: skip


def main() -> None:
    """Print the shares alone and among noise."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("bench", type=Path)
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--homes", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only each so many-th question")
    options = parser.parse_args()
    raw = options.bench.read_bytes()
    corpora = json.loads(gzip.decompress(raw) if options.bench.suffix == ".gz" else raw)
    shares: dict[str, list[list[float]]] = {"alone": [], "among noise": []}
    is_noise: list[int] = []
    with contextlib.ExitStack() as stack:
        top = options.homes or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        noise = top / f"noise-{options.passages}"
        if not noise.exists():
            with Memory.create(noise, routes=[]) as memory:
                fill(memory, options.passages)
        for corpus in corpora:
            questions = [one for one in corpus["questions"] if one["evidence"]][:: options.every]
            for name in shares:
                home = top / f"{corpus['id']}-{name.replace(' ', '-')}-{options.passages}"
                if not home.exists():
                    if name == "alone":
                        Memory.create(home, routes=[]).close()
                    else:
                        shutil.copytree(noise, home)
                    with Memory.open(home) as memory:
                        take_in(memory, corpus["items"])
                with Memory.open(home) as memory:
                    for question in questions:
                        hits = found(memory, question)
                        shares[name].append([share(question, hits, cut) for cut in CUTS])
                        if name == "among noise":
                            is_noise.append(sum(source == NOISE for _, source in hits[:10]))
    for name, rows in shares.items():
        means = [statistics.fmean(row[place] for row in rows) for place in range(len(CUTS))]
        line = "  ".join(f"@{cut} {mean:.3f}" for cut, mean in zip(CUTS, means, strict=True))
        print(f"{name:12} n={len(rows)}  {line}")
    print(f"of each ten hits {statistics.fmean(is_noise):.2f} are noise")


def found(memory: Memory, question: dict[str, Any]) -> list[tuple[str | None, str]]:
    """Return (ref, source) of each hit."""
    at = question.get("asked_at")
    query = Query(
        question["query"],
        k=max(CUTS),
        kind="evidence",
        asked_at=datetime.fromisoformat(at) if at else None,
        collapse=False,
    )
    return [(hit.ref, hit.source or "") for hit in memory.search(query).hits]


def share(question: dict[str, Any], hits: list[tuple[str | None, str]], cut: int) -> float:
    """Return the share of a question's evidence among the first hits."""
    wanted = set(question["evidence"])
    return len(wanted & {ref for ref, _ in hits[:cut]}) / len(wanted)


def take_in(memory: Memory, lines: list[dict[str, Any]]) -> None:
    """Add a corpus by its import lines, as recall.py does by the command line."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
        file.flush()
        memory.import_path(Path(file.name), format_name="jsonl")
    memory.work()


def fill(memory: Memory, size: int) -> None:
    """Store noise of `size` passages with vectors; the same text is embedded once."""
    embedder = memory.wiring.local_embedder()
    assert embedder is not None
    known: dict[str, Any] = {}
    database = memory.wiring.database
    with database.write() as connection:
        model = vectors.model_row(connection, embedder.model_id, embedder.dimensions)
    records, stored = noise_records(), 0
    while stored < size:
        batch = [new_item(next(records), number) for number in range(BATCH)]
        with database.write() as connection:
            source = items.source_id(connection, *NOISE.split(":"))
            items.store_batch(connection, source, batch, None)
            connection.execute("DELETE FROM job")
        last = database.read().execute("SELECT max(id) FROM item").fetchone()[0]
        rows = vectors.passages_without(database.read(), model, 1, last, 100_000)
        texts = [embedded_text(*row[1:]) for row in rows]
        new = sorted({text for text in texts if text not in known}, key=len)
        for start in range(0, len(new), 64):
            known.update(zip(new[start : start + 64], embedder.embed(new[start : start + 64])))  # noqa: B905 - of one length
        with database.write() as connection:
            matrix = np.stack([known[text] for text in texts])
            vectors.put_passages(connection, model, [row[0] for row in rows], matrix)
        stored += len(rows)
        print(f"noise: {stored} passages, {len(known)} texts", flush=True)


def new_item(record: Record, number: int) -> items.NewItem:
    """Return the record as the pipeline would store it."""
    spans = split(record.text, record.kind)
    return items.NewItem(record, "noise@1", False, 2, number, spans)


def noise_records() -> Iterator[Record]:
    """Yield screens, menus, logs and documents in turn, without end."""
    chance = random.Random(7)
    documents = docstrings()
    number = 0
    while True:
        number += 1
        moment = START + timedelta(minutes=7 * number)
        for kind, text in (
            ("screen", screen(chance)),
            ("screen", screen(chance)),
            ("menu", chance.choice(MENUS)),
            ("log", "\n".join(log_line(chance, moment) for _ in range(8))),
            ("document", documents[number % len(documents)]),
        ):
            is_screen = kind in ("screen", "menu")
            yield Record(
                text=text,
                place="",
                kind="picture" if is_screen else "document",
                origin="screen" if is_screen else "file",
                native_id=f"{kind} {number} {chance.random()}",
                title=None if is_screen else f"{kind}-{number % 400}.txt",
                app="Browser" if is_screen else None,
                occurred_at=moment,
            )


def screen(chance: random.Random) -> str:
    """Return what is read off a window: a menu and lines of a page or of mail."""
    lines = [
        chance.choice(FRAMES).format(
            n=chance.randint(2, 30),
            s=chance.choice(SUBJECTS),
            d=f"{chance.randint(1, 28)} {chance.choice(('May', 'June', 'July', 'August'))}",
            a=chance.choice(MOODS),
        )
        for _ in range(chance.randint(1, 5))
    ]
    return "\n".join([chance.choice(MENUS), *lines])


def log_line(chance: random.Random, moment: datetime) -> str:
    """Return one line of a log; few differ, so that logs repeat as they do."""
    return chance.choice(LOGS).format(
        t=moment.strftime("%Y-%m-%d %H"), n=chance.randint(1, 9), h=f"{chance.randint(0, 15):04x}"
    )


def docstrings() -> list[str]:
    """Return the documentation of the standard library's modules, classes and functions."""
    texts: set[str] = set()
    for module in pkgutil.iter_modules():
        if module.name.startswith("_") or module.name in ("antigravity", "this", "idlelib"):
            continue
        if Path(str(getattr(module.module_finder, "path", ""))).name != f"python{_version()}":
            continue
        with contextlib.suppress(Exception), warnings.catch_warnings():
            # Some modules are for other systems, and some warn of their age.
            warnings.simplefilter("ignore")
            loaded = import_module(module.name)
            for one in [loaded, *vars(loaded).values()]:
                text = inspect.getdoc(one) or ""
                if len(text) > 200:
                    texts.add(text[:4_000])
    return sorted(texts)


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


if __name__ == "__main__":
    main()
