"""Which windows are left out, before anything is taken of them."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from memassist.ingest.capture.desktop import Area, View, Window
from memassist.ingest.capture.frames import MOVED, Frame, NoFrame, take_frame
from memassist.ingest.capture.rules import (
    UNTITLED,
    BadPatternError,
    Rules,
    make_rules,
    own_rule,
    shipped_rules,
)

AREA = Area(0, 0, 400, 200)
SHIPPED = make_rules((), (), is_untitled_left_out=True)


def window(app: str, title: str, area: Area = AREA) -> Window:
    return Window(1, app, title, area)


@pytest.mark.parametrize(
    ("app", "title", "reason"),
    [
        ("KeePassXC", "Passwords.kdbx - KeePassXC", "password manager"),
        ("Bitwarden", "Vault", "password manager"),
        ("1Password", "All Vaults", "password manager"),
        ("firefox", "Logins & Passwords: about:logins — Mozilla Firefox", "password manager"),
        ("Pinentry-gtk-2", "pinentry", "asks for a password"),
        ("Gcr-prompter", "Unlock", "asks for a password"),
        ("i3lock", "i3lock", "lock screen"),
        ("firefox", "Shoes — Mozilla Firefox Private Browsing", "private window"),
        ("firefox", "Schuhe — Mozilla Firefox Privater Modus", "private window"),
        ("firefox", "Chaussures — Navigation privée de Mozilla Firefox", "private window"),
        ("firefox-esr", "Sapatos — Mozilla Firefox — navegação privativa", "private window"),
        ("firefox-esr", "Cipők — Mozilla Firefox privát böngészés", "private window"),
        ("firefox-esr", "Mozilla Firefox Gizli Gezinti", "private window"),
        ("firefox-esr", "Παπούτσια — Ιδιωτική περιήγηση Mozilla Firefox", "private window"),
        ("zen", "Giày — Zen Browser duyệt web riêng tư", "private window"),
        (
            "firefox-esr",
            "Shoes — Mozilla Firefox — Mozilla Firefox Private Browsing",
            "private window",
        ),
        ("firefox-esr", "Shoes — Mozilla Firefox in a language to come", "may be a private window"),
        ("org.mozilla.firefox", "File Upload - Shoes — Mozilla Firefox Xyz", "may be a private"),
        ("firefox-esr", "Page Info — http://example.org/shoes", "may be a private window"),
        ("firefox-esr", "Library", "may be a private window"),
        ("firefox-esr", "Mozilla Firefox", "may be a private window"),
        ("firefox-esr", "Picture-in-Picture", "may be a private window"),
        ("LibreWolf", "Shoes — LibreWolf Xyz", "may be a private window"),
        ("Mullvad Browser", "Shoes — Mullvad Browser", "private window"),
        ("firefox-esr", "Passwords — Mozilla Firefox", "password manager"),
        ("firefox-esr", "Passwörter — Arbeit — Mozilla Firefox", "password manager"),
        ("firefox-esr", "パスワード — Mozilla Firefox", "password manager"),
        ("Microsoft-edge", "Shoes - [InPrivate] - Microsoft Edge", "private window"),
        ("Tor Browser", "Shoes", "private window"),
        ("Google-chrome", "Shoes - Google Chrome", "browser that does not tell"),
        ("Chromium", "Shoes - Chromium", "browser that does not tell"),
        ("Brave-browser", "Shoes - Brave", "browser that does not tell"),
        ("chrome-example.org__shoes-Default", "Shoes", "browser that does not tell"),
        ("org.chromium.Chromium", "Shoes - Chromium", "browser that does not tell"),
        ("memassist", "anything", "memassist itself"),
        ("XTerm", "", UNTITLED),
        ("", "Notes", UNTITLED),
    ],
)
def test_what_is_shipped_leaves_out(app: str, title: str, reason: str) -> None:
    told = SHIPPED.why_not(window(app, title))
    assert told is not None
    assert told.startswith(reason)


@pytest.mark.parametrize(
    ("app", "title"),
    [
        ("firefox", "Heat pumps — Mozilla Firefox"),
        ("firefox-esr", "Heat pumps - Mozilla Firefox"),
        ("org.mozilla.firefox", "Heat pumps — work — Mozilla Firefox"),
        ("firefox-aurora", "Heat pumps — Firefox Developer Edition"),
        ("librewolf", "Heat pumps — LibreWolf"),
        ("firefox", "Choosing passwords — a guide — Mozilla Firefox"),
        ("XTerm", "bash"),
        ("Code", "notes.py - project - Visual Studio Code"),
        ("Evince", "Contract about private health insurance.pdf"),
        ("thunderbird", "Inbox - Mozilla Thunderbird"),
        ("libreoffice-writer", "Locksmith's offer.odt"),
    ],
)
def test_ordinary_windows_may_be_captured(app: str, title: str) -> None:
    assert SHIPPED.why_not(window(app, title)) is None


@pytest.mark.parametrize(
    ("pattern", "app", "title", "is_out"),
    [
        ("app:signal", "Signal", "Chat", True),
        ("app:signal", "Editor", "signal processing", False),
        ("title:*bank*", "firefox", "My BANK — Mozilla Firefox", True),
        ("title:bank", "firefox", "My bank", False),
        ("diary", "Editor", "My Diary 2026", True),
        ("diary", "Diary", "x", True),
        ("app:org.*.Chat", "org.example.chat", "x", True),
        ("title:*zürich*", "Editor", "ZÜRICH  trip", True),
        ("title:*private plan*", "Editor", "my pri\u200bvate plan", True),
        ("title:* b *", "Editor", "a  b  c", True),
    ],
)
def test_a_persons_pattern(pattern: str, app: str, title: str, is_out: bool) -> None:
    assert own_rule(pattern).matches(app, title) is is_out


@pytest.mark.parametrize("pattern", ["", "  ", "*", "app:", "title:**", "app: ? "])
def test_a_pattern_that_names_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(BadPatternError) as raised:
        own_rule(pattern)
    assert raised.value.advice


def test_the_menus_of_a_browser_stay_on_its_picture() -> None:
    page = window("firefox-esr", "Heat pumps — Mozilla Firefox")
    menus = (Window(2, "firefox-esr", "Firefox", AREA), Window(3, "firefox-esr", "", AREA))
    assert SHIPPED.hidden(View(page, menus)) == ()


@pytest.mark.parametrize(
    "title", ["Password Manager - Chromium", "Google Passwort\u00admanager - Google Chrome"]
)
def test_the_passwords_of_a_browser_that_was_let_in_stay_out(title: str) -> None:
    rules = make_rules((), ["app:chromium*"], is_untitled_left_out=True)
    assert rules.why_not(window("Chromium", title)) == "password manager"


def test_a_shipped_pattern_that_is_allowed_no_longer_counts() -> None:
    rules = make_rules((), ["APP:chromium*"], is_untitled_left_out=True)
    assert rules.why_not(window("Chromium", "Shoes - Chromium")) is None
    assert rules.why_not(window("KeePassXC", "Passwords")) is not None


@pytest.mark.parametrize(
    ("system", "title", "is_out"),
    [
        ("linux", "Passwörter — Mozilla Firefox", True),
        ("linux", "Passwörter", True),
        ("linux", "Heat pumps", True),
        ("linux", "Heat pumps — Mozilla Firefox", False),
        ("win32", "Heat pumps", True),
        ("win32", "Heat pumps — Mozilla Firefox", False),
        ("darwin", "Passwörter", True),
        ("darwin", "Heat pumps", False),
        ("darwin", "Heat pumps — (Private Browsing)", True),
    ],
)
def test_firefox_titles_its_windows_without_its_name_on_macos(
    system: str, title: str, is_out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    rules = Rules(shipped_rules.__wrapped__())
    app = {"darwin": "org.mozilla.firefox"}.get(system, "firefox")
    assert (rules.why_not(window(app, title)) is not None) is is_out


def test_every_shipped_pattern_names_something() -> None:
    assert len(shipped_rules()) > 60
    for rule in shipped_rules():
        assert own_rule(rule.pattern).pattern == rule.pattern


def test_an_untitled_window_can_be_let_in_and_then_rules_still_count() -> None:
    rules = Rules((own_rule("app:secret"),), is_untitled_left_out=False)
    assert rules.why_not(window("", "")) is None
    assert rules.why_not(window("Secret", "")) is not None


def test_no_pixel_is_taken_of_what_is_left_out(desktop: Any) -> None:
    for view in (
        View(window("KeePassXC", "Passwords")),
        View(window("Editor", "")),
        View(window("Editor", "Notes"), is_locked=True),
        View(window("Editor", "Notes"), idle_seconds=999),
        View(None),
        View(window("Editor", "Notes", Area(0, 0, 10, 400))),
    ):
        desktop.show(window("Editor", "Notes"), "secret")
        desktop.current = view
        assert isinstance(take_frame(desktop, SHIPPED, away_seconds=300), NoFrame)
    assert desktop.grabs == 0


@pytest.mark.parametrize(
    "after",
    [
        View(window("KeePassXC", "Passwords")),
        View(window("Editor", "Other notes")),
        View(window("Editor", "Notes"), is_locked=True),
        View(window("Editor", "Notes"), above=(window("KeePassXC", "x", Area(0, 0, 9, 9)),)),
        View(None),
    ],
)
def test_pixels_are_dropped_where_another_window_came_in_between(desktop: Any, after: View) -> None:
    desktop.show(window("Editor", "Notes"), "text")
    desktop.after_grab = lambda: setattr(desktop, "current", after)
    assert take_frame(desktop, SHIPPED, away_seconds=300) == NoFrame(MOVED)


def test_what_may_not_be_captured_is_painted_over_where_it_covers(desktop: Any) -> None:
    covering = (
        Window(2, "KeePassXC", "Passwords", Area(100, 0, 50, 20)),
        Window(3, "", "", Area(200, 0, 50, 20)),
        Window(4, "Editor", "", Area(300, 0, 50, 20)),
        Window(6, "firefox", "Page Info — Shoes", Area(0, 0, 50, 20)),
        Window(5, "Notifications", "", Area(0, 150, 50, 20)),
    )
    desktop.show(window("Editor", "Notes"), above=covering)
    frame = take_frame(desktop, SHIPPED, away_seconds=300)
    assert isinstance(frame, Frame)
    black = (frame.pixels[:, :, :3] == 0).all(axis=2)
    assert black[0:20, 100:150].all()
    assert black[0:20, 0:50].all()
    assert black[0:20, 200:250].all()
    assert black[150:170, 0:50].all()
    assert not black[0:20, 300:350].any()  # a menu of the application itself
    assert black.sum() == 4 * 50 * 20
