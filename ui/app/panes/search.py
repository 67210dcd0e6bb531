"""Search as you type: by words at once, by meaning too as soon as the model is loaded."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from memassist.ui.app.background import in_background
from memassist.ui.app.boxes import LineBox
from memassist.ui.app.panes.base import OpenEvidence, OpenMemory, Pane
from memassist.ui.app.preview import around, explained, previewed
from memassist.ui.app.text import (
    hit_prompt,
    telling_words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from memassist.assistant.results import Found, Hit
    from memassist.store.items import Item

DEBOUNCE_SECONDS = 0.12
PAUSE_SECONDS = 1.0
"""Without a key before what came in meanwhile is looked for."""
AGAIN = "search-again"
HITS = 30
HINT = (
    "Type some words.\n\n"
    "Enter goes to the hits and opens one at its place.\n"
    "e explains how the score of a hit comes about."
)


class SearchPane(Pane):
    """The tab with the search box, the hits and the preview."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("e", "explain", "Explain"),
        ("escape", "words", "Words"),
        Binding("down", "hits", "Hits", show=False),
    ]
    TYPED_INTO = "#words"

    class Searched(Message):
        """What a search found."""

        def __init__(
            self,
            text: str,
            words: list[str],
            found: Found,
            *,
            is_lexical: bool,
            keeps_cursor: bool = False,
        ) -> None:
            """Take the query's text, those of its words that are no filters, and its hits.

            `keeps_cursor` asks for the cursor to stay on the hit it is on.
            """
            self.text = text
            self.words = words
            self.found = found
            self.is_lexical = is_lexical
            self.keeps_cursor = keeps_cursor
            super().__init__()

    class FoundAgain(Searched):
        """What the search that is shown finds by now."""

    class Previewed(Message):
        """The text around a hit."""

        def __init__(self, hit: Hit, around: Sequence[Item] = ()) -> None:
            """Take a hit and its item with its neighbours; a memory without evidence has none."""
            self.hit = hit
            self.around = around
            super().__init__()

    def __init__(self) -> None:
        """Make the tab."""
        super().__init__("Search", id="search")
        self._search_timer: Timer | None = None
        self._follow_timer: Timer | None = None
        self._typed_at = 0.0
        self._shown: SearchPane.Searched | None = None
        self._hits: tuple[Hit, ...] = ()
        self._words: list[str] = []
        self._is_explaining = False
        self._previewed: SearchPane.Previewed | None = None

    def compose(self) -> ComposeResult:
        """Lay out box, hits and preview."""
        yield LineBox(placeholder="Search by words and meaning", id="words")
        with Container(classes="split"):
            yield OptionList(id="hits")
            with VerticalScroll(id="preview", classes="detail"):
                yield Static(HINT, id="preview-text")
        yield Static("", id="search-note", classes="note")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search once the person pauses."""
        event.stop()
        self._typed_at = monotonic()
        if self._search_timer is not None:
            self._search_timer.stop()
        self._search_timer = self.set_timer(DEBOUNCE_SECONDS, lambda: self.search_for(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the hits."""
        event.stop()
        self.action_hits()

    def search_again(self) -> None:
        """Search once more for what stands in the box."""
        text = self.query_one("#words", Input).value
        if text.strip():
            self.search_for(text)

    def load(self) -> None:
        """Search once more for what stands in the box; the cursor stays on its hit."""
        text = self.query_one("#words", Input).value
        if text.strip():
            self.search_for(text, keeps_cursor=True)

    def follow(self) -> None:
        """Look for hits that came in meanwhile, once the person has stopped typing."""
        shown, memory = self._shown, self.memory
        if shown is None or memory is None or self._is_looking_again():
            return
        wait = self._typed_at + PAUSE_SECONDS - monotonic()
        if wait > 0:
            # A timer of its own: the search for what was just typed is still to come.
            if self._follow_timer is not None:
                self._follow_timer.stop()
            self._follow_timer = self.set_timer(wait, self.follow)
            return

        def work() -> Message | None:
            from memassist.assistant import Query

            is_lexical = not memory.wiring.is_warm()
            if is_lexical and not shown.is_lexical:
                return None  # fewer hits would be found, not more
            query = Query(shown.text, k=HITS, is_being_typed=True)
            found = memory.search(query, lexical=is_lexical)
            return self.FoundAgain(shown.text, shown.words, found, is_lexical=is_lexical)

        in_background(self, AGAIN, work)

    def search_for(self, text: str, *, keeps_cursor: bool = False) -> None:
        """Search in the background: by words, then by meaning if the model is loaded."""
        memory = self.memory
        if memory is None:
            return
        if not text.strip():
            self._shown = None
            self._show((), [], "")
            return

        def work() -> Message | None:
            from memassist.assistant import Query
            from memassist.assistant.recall.syntax import parse

            query = Query(text, k=HITS, is_being_typed=True)
            words = telling_words(parse(text).text)

            def found(*, is_lexical: bool) -> Message:
                hits = memory.search(query, lexical=is_lexical)
                return self.Searched(
                    text, words, hits, is_lexical=is_lexical, keeps_cursor=keeps_cursor
                )

            if not memory.wiring.is_warm():
                return found(is_lexical=True)
            if not keeps_cursor:
                self.post_message(found(is_lexical=True))
            return found(is_lexical=False)

        in_background(self, "search", work)

    def on_search_pane_searched(self, message: Searched) -> None:
        """Show the hits, unless the person has typed on."""
        message.stop()
        if message.text != self.query_one("#words", Input).value:
            return
        self._shown = message
        listed = self.query_one("#hits", OptionList)
        # Better hits that come in late must not move what the person is looking at.
        keeps_cursor = message.keeps_cursor or listed.has_focus
        self._show(
            message.found.hits, message.words, self._note(message), keeps_cursor=keeps_cursor
        )

    def on_search_pane_found_again(self, message: FoundAgain) -> None:
        """Show new hits where nothing moves that the person may be reading; else say of them.

        Up to the hit that the cursor is on nothing moves, unless something there is gone or reads
        otherwise by now.
        """
        message.stop()
        shown, hits = self._shown, message.found.hits
        text = self.query_one("#words", Input).value
        if shown is None or not message.text == text == shown.text:
            return  # the person has typed on
        listed = self.query_one("#hits", OptionList)
        before, after = _texts(self._hits), _texts(hits)
        same = 0
        for one, other in zip(before.items(), after.items(), strict=False):
            if one != other:
                break
            same += 1
        if same == len(before) == len(after):
            return
        read = dict(list(before.items())[: (listed.highlighted or 0) + 1])
        # Of a full list a hit may be missing for better ones alone.
        missing = set() if len(hits) == HITS else read.keys() - after.keys()
        is_stale = missing or any(after.get(key, text) != text for key, text in read.items())
        if is_stale:
            self._shown = message
            self._show(hits, message.words, self._note(message), keeps_cursor=True)
        elif same >= len(read):
            self._shown, self._hits = message, hits
            for place in reversed(range(same, len(before))):
                listed.remove_option_at_index(place)
            listed.add_options(Option(hit_prompt(hit, message.words)) for hit in hits[same:])
            if not before:
                listed.highlighted = 0
            self._say(self._note(message))
        elif fresh := len(after.keys() - before.keys()):
            hits_word = "hits" if fresh > 1 else "hit"
            self._say(f"{self._note(shown)}   {fresh} new {hits_word}: Ctrl+R")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Read the text around the hit for the preview."""
        event.stop()
        memory = self.memory
        if memory is None or event.option_index >= len(self._hits):
            return
        hit = self._hits[event.option_index]
        in_background(self, "preview", lambda: self.Previewed(hit, around(memory, hit)))

    def on_search_pane_previewed(self, message: Previewed) -> None:
        """Show the text around the hit."""
        message.stop()
        before, self._previewed = self._previewed, message
        self._draw_preview()
        if before is None or _key(before.hit) != _key(message.hit):
            self.query_one("#preview").scroll_home(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a passage at its place, or a memory among the others."""
        event.stop()
        hit = self._hits[event.option_index]
        if hit.memory_id is not None:
            self.post_message(OpenMemory(hit.memory_id))
        elif hit.item_id is not None:
            self.post_message(OpenEvidence(hit.item_id, span=(hit.start or 0, hit.stop or 0)))

    def action_explain(self) -> None:
        """Show how the score comes about, or the text again."""
        self._is_explaining = not self._is_explaining
        self._draw_preview()
        self.query_one("#preview").scroll_home(animate=False)

    def action_hits(self) -> None:
        """Go from the box to the hits."""
        if self._hits and self.query_one("#words").has_focus:
            self.query_one("#hits").focus()

    def action_words(self) -> None:
        """Go back to the box."""
        self.query_one("#words").focus()

    def _is_looking_again(self) -> bool:
        return any(
            one.group == AGAIN and one.node is self and one.is_running for one in self.workers
        )

    def _note(self, message: Searched) -> str:
        """Return how much a search found, and what it could not use."""
        notes = list(message.found.notes)
        memory = self.memory
        if message.is_lexical and memory is not None and not memory.wiring.is_warm():
            notes.append("By words only: the model is still loading.")
        count = len(message.found.hits)
        shown = "Nothing found." if not count else f"{count} hits" if count > 1 else "1 hit"
        return "  ".join([shown, *notes])

    def _say(self, note: str) -> None:
        self.query_one("#search-note", Static).update(Content(note))

    def _show(
        self, hits: tuple[Hit, ...], words: list[str], note: str, *, keeps_cursor: bool = False
    ) -> None:
        listed = self.query_one("#hits", OptionList)
        before = listed.highlighted
        kept = self._hits[before] if before is not None and before < len(self._hits) else None
        self._hits, self._words = hits, words
        listed.set_options(Option(hit_prompt(hit, words)) for hit in hits)
        self._say(note)
        if not hits:
            self._previewed = None
            self.query_one("#preview-text", Static).update("" if words else HINT)
            return
        keys = [_key(hit) for hit in hits]
        key = None if kept is None else _key(kept)
        listed.highlighted = keys.index(key) if keeps_cursor and key in keys else 0

    def _draw_preview(self) -> None:
        if self._previewed is None:
            return
        hit, items = self._previewed.hit, self._previewed.around
        shown = explained(hit) if self._is_explaining else previewed(hit, items, self._words)
        self.query_one("#preview-text", Static).update(shown)


def _key(hit: Hit) -> tuple[str, str | int | None]:
    return hit.kind, hit.memory_id or hit.passage_id


def _texts(hits: tuple[Hit, ...]) -> dict[tuple[str, str | int | None], str]:
    return {_key(hit): hit.text for hit in hits}
