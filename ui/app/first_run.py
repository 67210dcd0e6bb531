"""The first run: a key, a recovery code that was really kept, and who the person is.

Nothing is on the disk before the recovery code was typed back, so leaving early leaves nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, ContentSwitcher, Input, RadioButton, RadioSet, Static

from memassist.assistant.surroundings import synced_by
from memassist.store import keys
from memassist.store.errors import KeyRouteError
from memassist.ui.app.background import Failed, in_background
from memassist.ui.app.boxes import LineBox
from memassist.ui.app.text import short_path
from memassist.ui.app.ticks import Choice

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from memassist.ui.app.session import Session

SHORTEST_PASSPHRASE = 8
KEY_FILE_NAME = "memassist.key"
INTRODUCTION = (
    "A memory on your own disk. It is encrypted, nothing leaves this machine, and nothing is "
    "taken in unless you say so."
)
RECOVERY = (
    "If the key is ever lost, only this code opens your memory. It is shown this once. "
    "Write it on paper, then type it back."
)
NAMES = (
    "Which names and addresses mean you, in chats and mails? They tell your own words from those "
    "of others. Separate them by commas; leave it blank if you like."
)


KEYS = "↑ ↓ Space choose   Tab goes on   Enter takes it   Esc quits"


class FirstRun(Screen[bool]):
    """Three short steps; gives True when the home is made and open."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "back", "Back")]

    class KeyringChecked(Message):
        """Whether the system's keyring can keep the key."""

        def __init__(self, *, is_usable: bool) -> None:
            """Take it."""
            self.is_usable = is_usable
            super().__init__()

    class Created(Message):
        """The home is made and open."""

    class Named(Message):
        """The names are kept."""

    def __init__(self, session: Session) -> None:
        """Take what is to be made."""
        super().__init__()
        self._session = session
        self._code = keys.new_recovery_code()
        self._route: keys.Route | None = None

    def compose(self) -> ComposeResult:
        """Lay out the steps; one is shown at a time."""
        with VerticalScroll(id="first-run", can_focus=False):
            yield Static("memassist", classes="title")
            with ContentSwitcher(initial="step-key"):
                yield from self._key_step()
                with Vertical(id="step-recovery"):
                    yield Static("2 of 3   Your recovery code", classes="step")
                    yield Static(RECOVERY)
                    yield Static(self._code, id="code")
                    yield LineBox(placeholder="Type the code back", id="typed-code")
                    yield from _buttons("Make my memory", "recovery")
                with Vertical(id="step-me"):
                    yield Static("3 of 3   Who are you?", classes="step")
                    yield Static(NAMES)
                    yield LineBox(placeholder="Ann Lee, Ann, ann@example.org", id="names")
                    yield from _buttons("Go on", "me", has_back=False)
            yield Static("", id="first-run-error")

    def _key_step(self) -> ComposeResult:
        with Vertical(id="step-key"):
            yield Static(INTRODUCTION)
            program = synced_by(self._session.home)
            if program is not None:
                warning = f"{short_path(self._session.home)} is copied elsewhere by {program}."
                yield Static(
                    f"{warning} Better quit and give another place with --home.", id="sync"
                )
            yield Static("1 of 3   What opens it?", classes="step")
            with RadioSet(id="routes"):
                yield Choice("the system's keyring", id="keyring", disabled=True)
                yield Choice("a passphrase, asked for each time", id="passphrase", value=True)
                yield Choice("a key file, kept outside of it", id="key-file")
            yield LineBox(
                password=True, placeholder="Passphrase, 8 characters or more", id="secret"
            )
            yield LineBox(password=True, placeholder="The same again", id="again")
            default = Path(_config_directory()) / KEY_FILE_NAME
            yield LineBox(str(default), id="key-path")
            yield from _buttons("Next", "key", has_back=False)
            yield Static(KEYS, classes="note")

    def on_mount(self) -> None:
        """Look for a keyring; that may ask the desktop and take a moment."""
        self._show_fields("passphrase")
        self.query_one("#routes").focus()
        in_background(
            self, "keyring", lambda: self.KeyringChecked(is_usable=keys.keyring_is_usable())
        )

    def on_first_run_keyring_checked(self, message: KeyringChecked) -> None:
        """Offer it where it protects."""
        button = self.query_one("#keyring", RadioButton)
        if message.is_usable:
            button.disabled = False
            button.value = True
        else:
            button.label = "the system's keyring (none here that protects a key)"

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        """Ask for what this way needs."""
        self._show_fields(event.pressed.id or "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next box, and from the last one to the next step."""
        event.stop()
        if event.input.id == "secret":
            self.query_one("#again").focus()
        else:
            self._next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Go on or back."""
        event.stop()
        if event.button.has_class("back"):
            self.action_back()
        else:
            self._next()

    def action_back(self) -> None:
        """Go back a step; from the first one the app ends, with nothing made."""
        step = self.query_one(ContentSwitcher)
        if step.current == "step-recovery":
            step.current = "step-key"
            self._say("")
            self.set_focus(self.query_one("#routes"))
        elif step.current == "step-key":
            self.dismiss(False)

    def on_first_run_created(self, message: Created) -> None:
        """The home is there; the rest can be left out."""
        del message
        self._say("")
        self.query_one(ContentSwitcher).current = "step-me"
        self.query_one("#names").focus()

    def on_first_run_named(self, message: Named) -> None:
        """Done."""
        del message
        self.dismiss(True)

    def on_failed(self, message: Failed) -> None:
        """Say here what went wrong; the person can change it here."""
        from memassist.ui.errors import advice_of, row_of

        message.stop()
        row = row_of(message.error)
        advice = "" if row is None else advice_of(message.error, row)
        self._say(f"{message.error} {advice}")
        for button in self.query(Button):
            button.disabled = False

    def _next(self) -> None:
        step = self.query_one(ContentSwitcher).current
        if step == "step-key":
            self._choose_route()
        elif step == "step-recovery":
            self._make()
        else:
            self._keep_names()

    def _choose_route(self) -> None:
        pressed = self.query_one(RadioSet).pressed_button
        kind = "" if pressed is None else pressed.id
        if kind == "passphrase":
            secret = self.query_one("#secret", Input).value
            if len(secret) < SHORTEST_PASSPHRASE:
                self._say(
                    f"Take at least {SHORTEST_PASSPHRASE} characters; several words are best."
                )
                return
            if secret != self.query_one("#again", Input).value:
                self._say("The two are not the same.")
                return
            self._route = keys.Route("passphrase", secret.encode())
        elif kind == "key-file":
            typed = self.query_one("#key-path", Input).value.strip()
            try:
                path = self._place_of_key(typed)
            except KeyRouteError as error:
                self._say(f"{error} {error.advice}")
                return
            except OSError as error:
                self._say(f"That can't be used: {(error.strerror or str(error)).lower()}.")
                return
            except RuntimeError:
                self._say("Nobody here has that name. Write the path in full.")
                return
            self._route = keys.Route("key-file", path=path)
        else:
            self._route = keys.Route("keyring")
        self._say("")
        self.query_one(ContentSwitcher).current = "step-recovery"
        self.query_one("#typed-code").focus()

    def _place_of_key(self, typed: str) -> Path:
        """Return the path that was typed, before a code is written down for nothing.

        Raises `KeyRouteError`, `OSError` and `RuntimeError` where no key can be kept there.
        """
        path = Path(typed).expanduser().absolute()
        keys.check_key_file_place(path, self._session.home)
        place = next(one for one in (path, *path.parents) if one.exists())
        if place == path and not place.is_dir():
            return path
        if place == path:
            raise KeyRouteError(f"{short_path(path)} is a folder.", "Name a file in it.")
        if not place.is_dir() or not os.access(place, os.W_OK):
            raise KeyRouteError(f"Nothing can be made in {short_path(place)}.", "Name another.")
        return path

    def _make(self) -> None:
        typed = self.query_one("#typed-code", Input).value
        if _letters(typed) != _letters(self._code):
            self._say("That is not the code. Look at it again, letter by letter.")
            return
        route, session = self._route, self._session
        assert route is not None  # the step before set it
        code = keys.Route("recovery", _letters(self._code).encode())
        self._say("Making it …")
        for button in self.query(Button):
            button.disabled = True

        def work() -> Message:
            session.create([route, code], route.path)
            return self.Created()

        in_background(self, "create", work)

    def _keep_names(self) -> None:
        names = [name.strip() for name in self.query_one("#names", Input).value.split(",")]
        session, memory = self._session, self._session.memory
        assert memory is not None  # the step before opened it

        def work() -> Message:
            session.set_names(memory, [name for name in names if name])
            return self.Named()

        in_background(self, "names", work)

    def _show_fields(self, kind: str) -> None:
        for name in ("#secret", "#again"):
            self.query_one(name).display = kind == "passphrase"
        self.query_one("#key-path").display = kind == "key-file"
        if isinstance(self.focused, Input) and not self.focused.display:
            self.set_focus(self.query_one("#key-path" if kind == "key-file" else "#routes"))

    def _say(self, text: str) -> None:
        self.query_one("#first-run-error", Static).update(Content(text))


def _buttons(verb: str, name: str, *, has_back: bool = True) -> ComposeResult:
    with Horizontal(classes="buttons"):
        yield Button(verb, variant="primary", id=f"next-{name}")
        if has_back:
            yield Button("Back", classes="back", id=f"back-{name}")


def _letters(code: str) -> str:
    return "".join(one for one in code.upper() if one.isalnum())


def _config_directory() -> str:
    import platformdirs

    return platformdirs.user_config_dir("memassist", appauthor=False)
