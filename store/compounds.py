"""Compounds of a word in languages that write them as one: Versicherung, Krankenversicherung.

The index takes a compound for a word of its own, and its stems are English ones. So where a store
holds German or one of its like, a query's words are looked for at the ends and the beginnings of
the words there are. The list of those is a temporary table of the connection, in memory, made when
it is first needed; a store of English texts never makes it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.store.database import Connection

MOST = 8
"""Compounds that a query's word is looked for in, the commonest."""
_TELLING = ("und", "het", "och", "og")
"""A word that nearly every longer text has, in German, Dutch, Swedish, and Danish or Norwegian."""
_SHARE = 50
"""One text in so many makes the language worth the list."""
_ROOT = 5
_SHORT_ROOT = 4
"""A root of so few letters ends too many words by chance (Reis, Preis), so that what stands before
it must be a word as well."""
_LEAST_PART = 3
_ENDINGS = ("", "e", "n", "s", "en", "er", "es", "em", "ern")
_LINKS = ("", "s", "n", "en", "es", "er", "e")
"""Letters between the parts of a compound."""
_LETTERS = re.compile(r"[^\W\d_]+")
_LAST = "\U0010ffff"
_STALE_SHARE = 50
"""The list is made anew once one passage in so many came or went."""


def compounds(connection: Connection, words: Sequence[str]) -> list[str]:
    """Return words of the index that have one of these in them, or are another form of it.

    Empty where the store holds no texts of such a language. In lower case and without accents, as
    the index has them.
    """
    parts = list(dict.fromkeys(part for word in words for part in _LETTERS.findall(_fold(word))))
    parts = [part for part in parts if len(part) >= _SHORT_ROOT]
    if not parts:
        return []
    # The last id is read at once; counting a million rows takes longer than the search.
    total = int(connection.execute("SELECT coalesce(max(id), 0) FROM passage").fetchone()[0])
    if not _is_written(connection, max(total // _SHARE, 1)):
        return []
    _make_list(connection, total)
    found: list[str] = []
    parts += [other for part in parts for other in _spellings(part) if other not in parts]
    for part in parts:
        rows = dict.fromkeys(_forms(connection, part))
        ranked = sorted(rows, key=lambda row: (-row[1], row[0]))
        found += [term for term, _ in ranked[:MOST]]
    own = {_fold(word) for word in words}
    return [term for term in dict.fromkeys(found) if term not in own]


def _spellings(part: str) -> set[str]:
    """Return how else a word is written, as by who has no such key, or writes Swiss German."""
    return {part.replace("ss", "\u00df"), part.replace("\u00df", "ss")}


def _fold(word: str) -> str:
    # Not casefold, for the index knows the German double s as a letter of its own.
    plain = unicodedata.normalize("NFKD", word.lower())
    return "".join(one for one in plain if not unicodedata.combining(one))


def _is_written(connection: Connection, count: int) -> bool:
    """Whether so many passages hold a telling word; reads no more of them than that."""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM passage_index WHERE passage_index MATCH ? LIMIT ?)",
        (f"text : ({' OR '.join(_TELLING)})", count),
    ).fetchone()
    return int(row[0]) >= count


def _make_list(connection: Connection, total: int) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS temp.long_word_made (passages INTEGER NOT NULL)")
    row = connection.execute("SELECT passages FROM temp.long_word_made").fetchone()
    if row is not None and abs(total - row[0]) <= total // _STALE_SHARE:
        return
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.passage_word"
        " USING fts5vocab('main', 'passage_index', 'row')"
    )
    connection.execute("DROP TABLE IF EXISTS temp.long_word")
    connection.execute(
        "CREATE TABLE temp.long_word (term TEXT PRIMARY KEY, reversed TEXT NOT NULL,"
        " documents INTEGER NOT NULL) WITHOUT ROWID"
    )
    rows = connection.execute(
        "SELECT term, doc FROM temp.passage_word WHERE length(term) BETWEEN ? AND 60",
        (_SHORT_ROOT,),
    ).fetchall()
    connection.executemany(
        "INSERT INTO temp.long_word VALUES (?, ?, ?)",
        [(row[0], row[0][::-1], row[1]) for row in rows if _LETTERS.fullmatch(row[0])],
    )
    connection.execute("CREATE INDEX temp.long_word_end ON long_word (reversed)")
    connection.execute("DELETE FROM temp.long_word_made")
    connection.execute("INSERT INTO temp.long_word_made VALUES (?)", (total,))


def _forms(connection: Connection, part: str) -> Iterator[tuple[str, int]]:
    """Yield (term, documents) of compounds and other forms of a word."""
    root = next(
        (
            part.removesuffix(ending)
            for ending in sorted(_ENDINGS, key=len, reverse=True)
            if ending and part.endswith(ending) and len(part) - len(ending) >= _ROOT
        ),
        part,
    )
    # The index's English stems have lost a last "e" or "er".
    roots = {root, part.removesuffix("e"), part.removesuffix("er")}
    for one in roots:
        if len(one) < _SHORT_ROOT:
            continue
        for ending in _ENDINGS:
            tail = one + ending
            back = tail[::-1]
            for term, documents in connection.execute(
                "SELECT term, documents FROM temp.long_word WHERE reversed >= ? AND reversed < ?",
                (back, back + _LAST),
            ).fetchall():
                front = term[: len(term) - len(tail)]
                is_told = max(len(one), len(part) - 1) >= _ROOT or _is_known(connection, front)
                if term == tail or (len(front) >= _LEAST_PART and is_told):
                    yield term, documents
    if len(root) >= _ROOT:
        for term, documents in connection.execute(
            "SELECT term, documents FROM temp.long_word WHERE term >= ? AND term < ?",
            (root, root + _LAST),
        ).fetchall():
            if len(term) >= len(root) + _LEAST_PART:
                yield term, documents


def _is_known(connection: Connection, front: str) -> bool:
    return any(
        connection.execute(
            "SELECT 1 FROM temp.long_word WHERE term = ?", (front.removesuffix(link),)
        ).fetchone()
        for link in _LINKS
        if front.endswith(link)
    )
