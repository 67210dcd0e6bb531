"""Bring up plugins so that none can take another, or the program, down with it.

Invariant: each plugin has a plugin manager of its own. An import error, a misspelt hook, a wrong
shape or an exception becomes a `PluginFailure` that is shown, and the rest go on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, TypeVar

from memassist.plugins.protocols import Embedder, Extractor, Reader
from memassist.plugins.telemetry import refuse_telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Offer = TypeVar("Offer")
ENTRY_POINT_GROUP = "memassist.plugins"
"""What a distribution names its plugins under."""


@dataclass(frozen=True, slots=True)
class PluginFailure:
    """Why a plugin, or a part of it, is not there."""

    plugin: str
    reason: str


@dataclass(slots=True)
class Loaded:
    """What all plugins offer, the built-in ones first."""

    readers: dict[str, Reader] = field(default_factory=dict)
    """By name; a later plugin's reader takes the place of one of the same name."""
    extractors: dict[str, Extractor] = field(default_factory=dict)
    embedders: dict[str, Embedder] = field(default_factory=dict)
    """By `model_id`."""
    plugins: list[str] = field(default_factory=list)
    """Names of those that came up."""
    failures: list[PluginFailure] = field(default_factory=list)


def available() -> list[str]:
    """Return the names of installed plugins, without importing any."""
    return sorted(point.name for point in entry_points(group=ENTRY_POINT_GROUP))


def load(builtins: Mapping[str, object], enabled: Sequence[str]) -> Loaded:
    """Return what the built-in plugins and the enabled installed ones offer.

    The environment variable `MEMASSIST_PLUGINS`, a list of names with commas, takes the place of
    `enabled`; empty, it loads no installed plugin.
    """
    refuse_telemetry()  # whatever a plugin imports
    override = os.environ.get("MEMASSIST_PLUGINS")
    if override is not None:
        enabled = [name.strip() for name in override.split(",") if name.strip()]
    loaded = Loaded()
    for name, plugin in builtins.items():
        _take_offers(loaded, name, plugin)
    installed = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    for name in enabled:
        if name not in installed:
            loaded.failures.append(PluginFailure(name, "it is not installed"))
            continue
        try:
            plugin = installed[name].load()
        except Exception as error:  # noqa: BLE001 - importing other people's code
            loaded.failures.append(PluginFailure(name, f"{type(error).__name__}: {error}"))
            continue
        _take_offers(loaded, name, plugin)
    return loaded


def _take_offers(loaded: Loaded, name: str, plugin: object) -> None:
    import pluggy

    from memassist.plugins.hookspecs import PROJECT, Hooks

    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    try:
        manager.register(plugin, name)
        manager.check_pending()
        readers = _checked(manager.hook.register_readers(), lambda one: isinstance(one, Reader))
        extractors = _checked(
            manager.hook.register_extractors(), lambda one: isinstance(one, Extractor)
        )
        embedders = _checked(
            manager.hook.register_embedders(), lambda one: isinstance(one, Embedder)
        )
    except Exception as error:  # noqa: BLE001 - running other people's code
        loaded.failures.append(PluginFailure(name, f"{type(error).__name__}: {error}"))
        return
    loaded.readers |= {one.name: one for one in readers}
    loaded.extractors |= {one.name: one for one in extractors}
    loaded.embedders |= {one.model_id: one for one in embedders}
    loaded.plugins.append(name)


def _checked(offers: list[Sequence[Offer]], is_shape: Callable[[object], bool]) -> list[Offer]:
    """Return what the hook's implementations gave; raises `TypeError` for another shape."""
    given = [one for offer in offers for one in offer]
    for one in given:
        if not is_shape(one):
            raise TypeError(f"{type(one).__name__} lacks what the hook's objects must have")
    return given
