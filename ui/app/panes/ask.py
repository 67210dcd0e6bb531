"""Ask: a question in plain words, an answer with what it rests on."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from memassist.ui.app.background import Failed, in_background
from memassist.ui.app.boxes import LineBox
from memassist.ui.app.panes.base import OpenEvidence, Pane
from memassist.ui.app.text import day_of, hit_prompt, marked, one_line, quoted, safe, telling_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from memassist.assistant import Memory
    from memassist.assistant.model import Cancel
    from memassist.assistant.results import Answer, Citation, Hit

NEAREST = 3
REMEMBERED = 4
"""So many earlier questions may be leant on."""
WELCOME = (
    "Ask in plain words: who, what, when, where.\n\n"
    "An answer quotes what it rests on. Enter on a source opens it at that very place.\n"
    "Where the evidence is too weak, it says so and shows what came nearest."
)


class Exchange(Vertical):
    """One question and its answer."""

    class NearestFound(Message):
        """The evidence that is at hand before the answer is."""

        def __init__(self, hits: tuple[Hit, ...]) -> None:
            """Take hits, the best first."""
            self.hits = hits
            super().__init__()

    class Written(Message):
        """A piece of the answer that a language model is writing, not checked yet."""

        def __init__(self, text: str) -> None:
            """Take the piece."""
            self.text = text
            super().__init__()

    class Answered(Message):
        """The answer."""

        def __init__(self, answer: Answer) -> None:
            """Take it with its citations."""
            self.answer = answer
            super().__init__()

    def __init__(self, question: str) -> None:
        """Show a question that is not answered yet."""
        super().__init__()
        self.question = question
        self._words = telling_words(question)
        self._places: list[OpenEvidence] = []
        self._written = ""
        self._cancel: Cancel | None = None
        self.is_open = False
        """Whether the answer is awaited."""

    def compose(self) -> ComposeResult:
        """Lay out question, answer and sources."""
        yield Static(Content(safe(self.question)), classes="question")
        yield Static("Looking …", classes="answer")
        yield Static("", classes="label")
        yield OptionList(classes="sources")

    def ask(
        self, memory: Memory, conversation: str, number: int, earlier: tuple[str, ...] = ()
    ) -> None:
        """Find the nearest evidence by words at once, then the answer, and keep both.

        `number` counts the questions of a conversation from 0; `earlier` are those before.
        """
        from memassist.assistant.model import Cancel

        self.is_open = True
        cancel = self._cancel = Cancel()

        def show(text: str) -> None:
            self.post_message(self.Written(text))

        def work() -> Message:
            from memassist.assistant import Query

            found = memory.search(Query(self.question, k=NEAREST, kind="evidence"), lexical=True)
            self.post_message(self.NearestFound(found.hits))
            answer = memory.ask(self.question, earlier=earlier, on_text=show, cancel=cancel)
            if self.is_open:
                memory.keep_exchange(conversation, number, self.question, answer)
            return self.Answered(answer)

        in_background(self, "ask", work)

    def stop(self) -> None:
        """Await the answer no longer; what was found nearest stays."""
        self.is_open = False
        # In this order: what the model says of having been stopped must not be shown.
        self.workers.cancel_group(self, "ask")
        if self._cancel is not None:
            self._cancel.cancel()
        self.query_one(".answer", Static).update("Stopped; no answer.")
        label = "The nearest I have" if self._places else ""
        caption = self.query_one(".label", Static)
        caption.update(label)
        caption.display = bool(label)

    def on_exchange_nearest_found(self, message: NearestFound) -> None:
        """Give the person something to read while the answer is made."""
        message.stop()
        hits = [hit for hit in message.hits if hit.item_id is not None]
        self._show(
            "Reading",
            [
                (hit_prompt(hit, self._words), _evidence(hit.item_id or "", hit.text))
                for hit in hits
            ],
        )

    def on_exchange_written(self, message: Written) -> None:
        """Show what the model has written so far."""
        message.stop()
        if not self.is_open:
            return
        self._written += message.text
        text = self.query_one(".answer", Static)
        text.update(Content(safe(self._written) + " …"))
        text.add_class("written")

    def on_exchange_answered(self, message: Answered) -> None:
        """Show the answer in place of what was shown meanwhile."""
        message.stop()
        self.is_open = False
        answer = message.answer
        text = self.query_one(".answer", Static)
        text.set_class(answer.abstained, "abstained")
        text.remove_class("written")
        is_quoted = answer.model == "extractive" and not answer.abstained
        text.update(quoted(answer.answer) if is_quoted else Content(safe(answer.answer)))
        label = f"In the words of {answer.model}; rests on"
        if is_quoted:
            label = "Quoted as it stands, by no language model. From"
        elif answer.abstained:
            label = "The nearest I have" if answer.citations else "Nothing near it was taken in."
        label = "\n".join([*(safe(note) for note in answer.notes), label])
        self._show(label, self._sources(answer.citations))
        sources = self.query_one(OptionList)
        self.app.call_after_refresh(self.scroll_visible, animate=False)
        if answer.citations and not self.query_ancestor(AskPane).is_typing():
            sources.focus()
            sources.highlighted = 0

    def on_failed(self, message: Failed) -> None:
        """Say in place of the answer that there is none; the app says why."""
        del message
        self.is_open = False
        self.query_one(".answer", Static).update("No answer: something went wrong.")
        self._show("", [])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a source."""
        event.stop()
        place = self._places[event.option_index]
        self.post_message(OpenEvidence(place.item_id, span=place.span, quote=place.quote))

    def _show(self, label: str, sources: list[tuple[Content, OpenEvidence]]) -> None:
        self._places = [place for _, place in sources]
        caption = self.query_one(".label", Static)
        caption.update(Content(label))
        caption.display = bool(label)
        listed = self.query_one(OptionList)
        listed.set_options(Option(prompt) for prompt, _ in sources)
        listed.display = bool(sources)

    def _sources(self, citations: Sequence[Citation]) -> list[tuple[Content, OpenEvidence]]:
        """Return the sources as the list shows them: neighbours of one origin under one head."""
        shown = []
        before = None
        for number, one in enumerate(citations, 1):
            known = (one.author, one.title, one.place)
            origin = one_line(" · ".join(part for part in known if part) or "source", 50)
            head = f"{origin} · {day_of(one.occurred_at)}"
            quote = marked(one_line(one.quote, 200), self._words)
            lines = [Content.styled(f"[{number}] ", "$foreground-muted") + quote]
            if head != before:
                lines.insert(0, Content.styled(head, "$foreground-muted"))
            shown.append((Content("\n").join(lines), _cited(one)))
            before = head
        return shown


class AskPane(Pane):
    """The tab with the question box."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "question", "Stop, or question")]
    TYPED_INTO = "#question"

    def __init__(self) -> None:
        """Make the tab."""
        super().__init__("Ask", id="ask")
        self._conversation = uuid.uuid4().hex
        self._asked: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out the box above the exchanges, the latest first."""
        yield LineBox(placeholder="What do you want to know?", id="question", select_on_focus=False)
        with VerticalScroll(id="exchanges", can_focus=False):
            yield Static(WELCOME, id="welcome")

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask."""
        event.stop()
        question = event.value.strip()
        if not question or self.memory is None:
            return
        event.input.clear()
        exchanges = self.query_one("#exchanges")
        self.query_one("#welcome").display = False
        exchange = Exchange(question)
        await exchanges.mount(exchange, before=0)
        exchanges.scroll_home(animate=False)
        earlier = tuple(self._asked[-REMEMBERED:])
        exchange.ask(self.memory, self._conversation, len(self._asked), earlier)
        self._asked.append(question)

    def is_typing(self) -> bool:
        """Whether the next question is being typed."""
        return bool(self.query_one("#question", Input).value)

    def action_question(self) -> None:
        """Stop what is being answered, or go back to the box."""
        for exchange in self.query(Exchange):
            if exchange.is_open:
                exchange.stop()
        self.query_one("#question").focus()


def _evidence(item_id: str, quote: str) -> OpenEvidence:
    return OpenEvidence(item_id, quote=quote)


def _cited(citation: Citation) -> OpenEvidence:
    return OpenEvidence(citation.item_id, quote=citation.quote)
