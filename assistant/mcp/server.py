"""The protocol: handshake first, the home when a tool is called, nothing but MCP on stdout."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from memassist.assistant.errors import AssistantError
from memassist.assistant.mcp.schemas import INSTRUCTIONS, SERVER_NAME, TOOLS, ToolSpec
from memassist.store.errors import ConflictError, HomeMissingError, LockedError, StoreError

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
        self._specs = {spec.name: spec for spec in TOOLS}
        self.server: Server[Any] = Server(
            SERVER_NAME,
            version=version,
            instructions=INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
        )

    async def run(self) -> None:
        """Serve standard input and output until the client closes them."""
        async with stdio_server() as (reading, writing):
            await self.server.run(reading, writing, self.server.create_initialization_options())
        if self._memory is not None:
            self._memory.close()

    async def _list_tools(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
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
        from memassist.assistant.mcp import tools

        complaint = _complaint(spec, arguments)
        if complaint:
            return _failed(complaint)
        try:
            result = tools.HANDLERS[spec.name](self._open(), _safe_name(client), arguments)
        except tools.ToolError as error:
            return _failed(str(error))
        except ConflictError as error:
            return _failed(f"{error} Read it again with memory_get, then repeat the change.")
        except HomeMissingError as error:
            return _failed(f"{error} The user makes one by running: memassist init")
        except LockedError as error:
            return _failed(f"{error} The user opens it by running: memassist unlock")
        except (StoreError, AssistantError) as error:
            return _failed(str(error))
        text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=text)], structured_content=result
        )

    def _open(self) -> Memory:
        if self._memory is None:
            from memassist.assistant.memory import Memory

            self._memory = Memory.open(self._home)
            self._memory.wiring.warm_up()
        return self._memory


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


def serve(home: Path) -> None:
    """Run the server for one client, until it goes."""
    from importlib.metadata import version

    anyio.run(MemoryServer(home, version("memassist")).run)
