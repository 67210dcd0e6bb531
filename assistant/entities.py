"""`memory.entities`: people, places and projects, and `memory.links` between memories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.store import entities, entity_changes, entity_page, links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant.wiring import Wiring
    from memassist.store.entities import KnownEntity
    from memassist.store.entity_page import EntityPage
    from memassist.store.links import Link, Relation
    from memassist.store.memory_values import Revision


class Entities:
    """People, places and projects that memories name. `undo` takes back what is decided here.

    `wanted` is an id, the ending of one, any name, or a part of a name that only one entity has.
    "my sister" is whoever holds that place to the owner. All raise `NotFoundError`.
    """

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def list(self, kind: str | None = None, *, limit: int = -1) -> list[KnownEntity]:
        """Return entities, those that most memories name first; -1 is all.

        Without a kind people, places, projects and organisations. The owner is left out.
        """
        return entities.list_entities(
            self._wiring.database.read(), kind, owner_names=self._owner_names, limit=limit
        )

    def get(self, wanted: str) -> KnownEntity:
        """Return one."""
        return entities.get_entity(
            self._wiring.database.read(), wanted, owner_names=self._owner_names
        )

    def page(self, wanted: str, *, limit: int = -1) -> EntityPage:
        """Return one with its facts, events, documents and those it is related to.

        At most `limit` facts and as many events; -1 is all.
        """
        return entity_page.page_of(
            self._wiring.database.read(), wanted, self._owner_names, limit=limit
        )

    def merge(self, kept: str, others: Sequence[str]) -> KnownEntity:
        """Make others names of the one that is kept. Raises `EntityError` if they are that."""
        with self._wiring.database.write(durable=True) as connection:
            return entity_changes.merge(connection, kept, others, "user", self._owner_names)

    def add_alias(self, wanted: str, alias: str) -> KnownEntity:
        """Give one a further name; who has that name already is merged into it.

        Raises `EntityError`.
        """
        with self._wiring.database.write(durable=True) as connection:
            return entity_changes.add_alias(connection, wanted, alias, "user", self._owner_names)

    def split(self, wanted: str, name: str, memory_ids: Sequence[str] = ()) -> KnownEntity:
        """Let one of its names stand for somebody else, who is returned.

        With memories, these are about somebody else, called `name`, from now on.
        Raises `EntityError`.
        """
        with self._wiring.database.write(durable=True) as connection:
            return entity_changes.split(
                connection,
                wanted,
                name,
                "user",
                memory_ids=memory_ids,
                owner_names=self._owner_names,
            )

    @property
    def _owner_names(self) -> tuple[str, ...]:
        return self._wiring.config.names("me")


class Links:
    """How memories hang together. `undo` takes back what is said here."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def of(self, memory_id: str) -> list[Link]:
        """Return what a memory is about and its links to others. Raises `NotFoundError`."""
        connection = self._wiring.database.read()
        names = entities.Names(connection, self._wiring.config.names("me"))
        return links.links_of(connection, memory_id, names)

    def add(self, from_id: str, relation: Relation, to_id: str) -> Revision:
        """Link one memory to another. Raises `NotFoundError` and `EntityError`."""
        with self._wiring.database.write(durable=True) as connection:
            return links.add(connection, from_id, relation, to_id, "user")

    def remove(self, from_id: str, relation: Relation, to_id: str) -> Revision:
        """Deny a link, whoever made it. Raises `NotFoundError` and `EntityError`."""
        with self._wiring.database.write(durable=True) as connection:
            return links.remove(connection, from_id, relation, to_id, "user")
