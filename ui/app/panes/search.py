"""Search as you type: by words at once, by meaning too as soon as the model is loaded."""

from __future__ import annotations

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
from memassist.ui.app.text import (
    hit_prompt,
    marked,
    moment_of,
    one_line,
    origin_of,
    safe,
    speaker_of,
    telling_words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from memassist.assistant import Memory
    from memassist.assistant.results import Found, Hit
    from memassist.store.items import Item

DEBOUNCE_SECONDS = 0.12
HITS = 30
BEFORE_CHARACTERS, AFTER_CHARACTERS = 400, 2_000
"""Shown around the passage in the preview."""
NEIGHBOURS, ASIDE_CHARACTERS = 3, 240
"""Messages shown before and after the hit's, and of each so much."""
BAR_CELLS = 20
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

        def __init__(self, text: str, words: list[str], found: Found, *, is_lexical: bool) -> None:
            """Take the query's text, those of its words that are no filters, and its hits."""
            self.text = text
            self.words = words
            self.found = found
            self.is_lexical = is_lexical
            super().__init__()

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
        self._timer: Timer | None = None
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
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE_SECONDS, lambda: self.search_for(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the hits."""
        event.stop()
        self.action_hits()

    def search_again(self) -> None:
        """Search once more for what stands in the box."""
        text = self.query_one("#words", Input).value
        if text.strip():
            self.search_for(text)

    def search_for(self, text: str) -> None:
        """Search in the background: by words, then by meaning if the model is loaded."""
        memory = self.memory
        if memory is None:
            return
        if not text.strip():
            self._show((), [], "")
            return

        def work() -> Message | None:
            from memassist.assistant import Query
            from memassist.assistant.recall.syntax import parse

            query = Query(text, k=HITS, is_being_typed=True)
            words = telling_words(parse(text).text)
            found = memory.search(query, lexical=True)
            words_only = self.Searched(text, words, found, is_lexical=True)
            if not memory.wiring.is_warm():
                return words_only
            self.post_message(words_only)
            return self.Searched(text, words, memory.search(query), is_lexical=False)

        in_background(self, "search", work)

    def on_search_pane_searched(self, message: Searched) -> None:
        """Show the hits, unless the person has typed on."""
        message.stop()
        if message.text != self.query_one("#words", Input).value:
            return
        notes = list(message.found.notes)
        memory = self.memory
        if message.is_lexical and memory is not None and not memory.wiring.is_warm():
            notes.append("By words only: the model is still loading.")
        count = len(message.found.hits)
        shown = "Nothing found." if not count else f"{count} hits" if count > 1 else "1 hit"
        self._show(message.found.hits, message.words, "  ".join([shown, *notes]))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Read the text around the hit for the preview."""
        event.stop()
        memory = self.memory
        if memory is None or event.option_index >= len(self._hits):
            return
        hit = self._hits[event.option_index]
        in_background(self, "preview", lambda: self.Previewed(hit, _around(memory, hit)))

    def on_search_pane_previewed(self, message: Previewed) -> None:
        """Show the text around the hit."""
        message.stop()
        self._previewed = message
        self._draw_preview()

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

    def action_hits(self) -> None:
        """Go from the box to the hits."""
        if self._hits and self.query_one("#words").has_focus:
            self.query_one("#hits").focus()

    def action_words(self) -> None:
        """Go back to the box."""
        self.query_one("#words").focus()

    def _show(self, hits: tuple[Hit, ...], words: list[str], note: str) -> None:
        listed = self.query_one("#hits", OptionList)
        before = listed.highlighted
        kept = self._hits[before] if before is not None and before < len(self._hits) else None
        self._hits, self._words = hits, words
        listed.set_options(Option(hit_prompt(hit, words)) for hit in hits)
        self.query_one("#search-note", Static).update(Content(note))
        if not hits:
            self._previewed = None
            self.query_one("#preview-text", Static).update("" if words else HINT)
            return
        keys = [(hit.kind, hit.memory_id or hit.passage_id) for hit in hits]
        key = None if kept is None else (kept.kind, kept.memory_id or kept.passage_id)
        # Better hits that come in late must not move what the person is looking at.
        listed.highlighted = keys.index(key) if listed.has_focus and key in keys else 0

    def _draw_preview(self) -> None:
        if self._previewed is None:
            return
        hit, around = self._previewed.hit, self._previewed.around
        shown = explained(hit) if self._is_explaining else previewed(hit, around, self._words)
        self.query_one("#preview-text", Static).update(shown)
        self.query_one("#preview").scroll_home(animate=False)


def explained(hit: Hit) -> Content:
    """Return the table of what each signal adds to a hit's score."""
    most = max((abs(value) for value in hit.signals.values()), default=1.0) or 1.0
    width = max((len(name) for name in hit.signals), default=5)
    lines = [Content.styled("How the score comes about", "bold"), Content("")]
    for name, value in sorted(hit.signals.items(), key=lambda one: -abs(one[1])):
        if not value:
            continue
        bar = "█" * round(abs(value) / most * BAR_CELLS)
        row = Content(f"{name:<{width}}  {value:6.3f}  ")
        lines.append(row + Content.styled(bar, "$primary"))
    lines.append(Content.styled(f"{'score':<{width}}  {hit.score:6.3f}", "bold"))
    lines += [Content(""), Content.styled("e shows the text again", "$foreground-muted")]
    return Content("\n").join(lines)


def previewed(hit: Hit, around: Sequence[Item], words: list[str]) -> Content:
    """Return a hit's passage with the text around it, and what was said before and after."""
    item = next((one for one in around if one.id == hit.item_id), None)
    if item is None:
        return marked(hit.text, words)
    head = [
        Content.styled(f"{moment_of(item.occurred_at)}  {origin_of(item)}", "$foreground-muted")
    ]
    if item.uri:
        head.append(Content.styled(one_line(item.uri, 200), "$foreground-muted"))
    if hit.memory_id is not None:
        sentence = marked(hit.text, words)
        quoted = safe(item.text[:AFTER_CHARACTERS])
        rests = Content.styled("rests on", "$foreground-muted")
        return Content("\n").join(
            [sentence, Content(""), rests, *head, Content(""), marked(quoted, words)]
        )
    start, stop = hit.start or 0, hit.stop or len(item.text)
    first = max(0, start - BEFORE_CHARACTERS)
    before = Content.styled(safe(item.text[first:start]), "$foreground-muted")
    after = Content.styled(safe(item.text[stop : stop + AFTER_CHARACTERS]), "$foreground-muted")
    body = before + marked(item.text[start:stop], words) + after
    place = around.index(item)
    said_before = [_aside(one) for one in around[:place]]
    said_after = [_aside(one) for one in around[place + 1 :]]
    if around[1:]:
        body = Content(f"{speaker_of(item)}: ") + body
    return Content("\n").join([*head, Content(""), *said_before, body, *said_after])


def _aside(item: Item) -> Content:
    said = f"{speaker_of(item)}: {one_line(item.text, ASIDE_CHARACTERS)}"
    return Content.styled(said, "$foreground-muted")


def _around(memory: Memory, hit: Hit) -> Sequence[Item]:
    if hit.item_id is None:
        return ()
    if hit.memory_id is not None:
        return [memory.item(hit.item_id)]
    return memory.around(hit.item_id, NEIGHBOURS)
