"""The line that stays in sight as long as texts may leave this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Static

from memassist.assistant.config import set_value

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from types import SimpleNamespace

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio


async def test_remote_model_is_named_on_every_tab(driven: Driven, filled: SimpleNamespace) -> None:
    set_value(filled.home, "model.url", ("https://models.example.org/v1",))
    set_value(filled.home, "model.allow_remote", ("true",))
    async with driven() as run:
        for key in ("f1", "f4", "f7"):
            await run.press(key)
            banner = run.app.query_one("#banner", Static)
            assert banner.display
            assert banner.region.height > 0
            assert "models.example.org" in str(banner.content)


async def test_without_one_there_is_no_banner(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f2")
        assert not run.app.query_one("#banner", Static).display
