"""The protocol: handshake first, the home when a tool is called, nothing but MCP on stdout."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from memassist.assistant.capture.control import read_private
from memassist.assistant.daemon.client import key_of
from memassist.assistant.errors import AssistantError
from memassist.assistant.mcp.schemas import INSTRUCTIONS, SERVER_NAME, TOOLS, ToolSpec
from memassist.plugins.heap import give_back_at_times, keep_heaps_small
from memassist.store.errors import (
    ConflictError,
    HomeMissingError,
    LockedError,
    NotFoundError,
    StoreError,
)
from memassist.store.keys import slot_kinds

if TYPE_CHECKING:
    from pathlib import Path

    from mcp.server.context import ServerRequestContext

    from memassist.assistant.memory import Memory


class MemoryServer:
    """One client's server: opens the home at the first tool call, and again after a failure."""

    def __init__(self, home: Path, version: str) -> None:
        """Touch nothing yet."""
        self._home = home
        self._memory: Memory | None = None
        self._lock = anyio.Lock()
        self._is_preparing = False
        self._specs = {spec.name: spec for spec in TOOLS}
        self.server: Server[Any] = Server(
            SERVER_NAME,
            version=version,
            instructions=INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
        )

    async def run(self, output: TextIO) -> None:
        """Serve standard input, and the client's end of `output`, until the client goes."""
        async with stdio_server(stdout=anyio.wrap_file(output)) as (reading, writing):
            await self.server.run(reading, writing, self.server.create_initialization_options())
        self._close()

    async def _list_tools(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        if not self._is_preparing:
            self._is_preparing = True
            threading.Thread(target=self._prepare, name="prepare", daemon=True).start()
        return types.ListToolsResult(tools=[_tool(spec) for spec in TOOLS])

    async def _call_tool(
        self, context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        told = context.session.client_params
        client = told.client_info.name if told is not None else "unknown"
        spec = self._specs.get(params.name)
        if spec is None:
            return _failed(f"There is no tool {params.name}. Known: {', '.join(self._specs)}.")
        async with self._lock:
            return await anyio.to_thread.run_sync(
                self._answer, spec, client, params.arguments or {}
            )

    def _answer(
        self, spec: ToolSpec, client: str, arguments: dict[str, Any]
    ) -> types.CallToolResult:
        try:
            # Before all that has to be imported: a locked home is told at once.
            needs_daemon = _needs_daemon(self._home)
            complaint = _private(self._home) or _complaint(spec, arguments)
            if complaint:
                return _failed(complaint)
            result = self._call(spec, client, arguments, needs_daemon=needs_daemon)
        except ConflictError as error:
            return _failed(f"{error} Read it again with memory_get, then repeat the change.")
        except NotFoundError as error:
            return _failed(f"{error} Use an id that memory_search or memory_timeline gave.")
        except HomeMissingError as error:
            return _failed(f"{error} The user makes one by running: memassist init")
        except LockedError as error:
            self._close()
            return _failed(f"{error} The user opens it by running: memassist unlock")
        except (StoreError, AssistantError) as error:
            advice = getattr(error, "advice", "")
            return _failed(f"{error} {advice}".rstrip())
        finally:
            give_back_at_times()
        text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=text)], structured_content=result
        )

    def _call(
        self, spec: ToolSpec, client: str, arguments: dict[str, Any], *, needs_daemon: bool
    ) -> dict[str, object]:
        from memassist.assistant.mcp import tools

        if self._memory is None:
            from memassist.assistant.memory import Memory

            self._memory = Memory.open(self._home)
            # A daemon that is started for such a home would be locked.
            self._memory.wiring.warm_up(start_daemon=not needs_daemon)
        return tools.handle(self._memory, spec.name, _safe_name(client), arguments)

    def _prepare(self) -> None:
        """Import what the first call needs, while the client still thinks."""
        with contextlib.suppress(StoreError):
            _needs_daemon(self._home)
            import memassist.assistant.mcp.tools
            import memassist.assistant.memory  # noqa: F401 - imported to be there

    def _close(self) -> None:
        memory, self._memory = self._memory, None
        if memory is not None:
            memory.close()


def _private(home: Path) -> str:
    """Return what a client is told while the person is private; empty while they are not."""
    wish = read_private(home)
    if not wish.is_in_force(datetime.now(UTC)):
        return ""
    return f"The user is private until {wish.until()}: nothing is read or remembered meanwhile."


def _needs_daemon(home: Path) -> bool:
    """Return whether only the daemon, which a person unlocked, can open the home.

    Raises `LockedError` where it can't, also once the person has locked it again, and what
    reading the key slots raises.
    """
    kinds = slot_kinds(home)
    if not kinds or not {"key-file", "keyring"}.isdisjoint(kinds):
        return False
    if key_of(home) is None:
        raise LockedError("This home is locked with a passphrase.")
    return True


def _tool(spec: ToolSpec) -> types.Tool:
    return types.Tool(
        name=spec.name,
        description=spec.description,
        input_schema=spec.input_schema(),
        output_schema=spec.output_schema(),
        annotations=types.ToolAnnotations(
            title=spec.title,
            read_only_hint=spec.is_read_only,
            destructive_hint=spec.is_destructive,
            idempotent_hint=spec.is_idempotent,
            open_world_hint=False,
        ),
    )


def _complaint(spec: ToolSpec, arguments: dict[str, Any]) -> str:
    """Return what is wrong with the arguments in words a model can act on, or nothing."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(spec.input_schema()).iter_errors(arguments))
    if error is None:
        return ""
    place = ".".join(str(part) for part in error.absolute_path)
    return f"{spec.name}: {f'{place}: ' if place else ''}{error.message[:300]}"


def _failed(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=True)


def _safe_name(client: str) -> str:
    """A client names itself, so its name is cut to what provenance needs."""
    name = "".join(one for one in client if one.isalnum() or one in " ._-").strip()[:40]
    return name or "unknown"


def _output_to_client() -> TextIO:
    """Take standard output for the client alone; whatever else is printed goes to stderr.

    The SDK does so too, but gives it back at its end, when threads may still print.
    """
    output = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    try:
        os.dup2(2, 1)
    except OSError:  # started without a stderr
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return output


def serve(home: Path) -> NoReturn:
    """Run the server for one client, until it goes; then end the process."""
    from importlib.metadata import version

    keep_heaps_small()
    anyio.run(MemoryServer(home, version("memassist")).run, _output_to_client())
    # The store is closed. A model that is still being loaded in the background would keep the
    # process, or crash it as the interpreter goes from under it.
    os._exit(0)
