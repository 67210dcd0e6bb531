"""The hooks a plugin may implement. Each returns what the plugin offers; none gets a connection.

A plugin is a module or object with functions marked `@hookimpl`, named by an entry point of the
group `memassist.plugins`. Nothing of it is imported until the person enables it:
`memassist config set plugins NAME`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.protocols import Embedder, Extractor, Reader

PROJECT = "memassist"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's function as an implementation of the hook of its name."""


class Hooks:
    """The hooks, by name. `docs/plugins.md` shows each with an example."""

    @hookspec
    def register_readers(self) -> Sequence[Reader]:
        """Return readers of file formats. A reader of a known name takes that one's place."""
        return ()

    @hookspec
    def register_extractors(self) -> Sequence[Extractor]:
        """Return extractors of memories; all of them look at every window."""
        return ()

    @hookspec
    def register_embedders(self) -> Sequence[Embedder]:
        """Return embedding models; `embedding.model` chooses one by its `model_id`."""
        return ()
