"""Requests and replies over a socket that only the same user can open.

Framing is `multiprocessing.connection`'s, which prefixes each message with its length; the messages
are JSON and never pickles, as unpickling runs what the other side wants. Both sides check who the
other is by the kernel's peer credentials.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import stat
import struct
import tempfile
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from memassist.assistant.errors import AssistantError
from memassist.store.errors import StoreError
from memassist.store.files import make_private_directory

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Message: TypeAlias = dict[str, Any]

SOCKET_NAME = "daemon.sock"
LONGEST_SOCKET_PATH = 100
"""The kernel takes 108 bytes on Linux, 104 on macOS."""
LONGEST_MESSAGE_BYTES = 64 * 1024 * 1024
ANSWER_SECONDS = 10.0
EMBED_SECONDS = 120.0
"""The first request loads the model, and a batch of long texts takes a while."""


class DaemonUnreachableError(AssistantError):
    """No daemon answers for this home."""


def socket_path(home: Path) -> Path:
    """Return where the home's socket is; in a private directory elsewhere if the path is long.

    Raises `DaemonUnreachableError` and `NoAccessError` where that directory is not ours, and the
    first where the system has no such sockets.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise DaemonUnreachableError(
            "The daemon does not run on Windows.", "Everything works without it."
        )
    path = home / SOCKET_NAME
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    directory = base / f"memassist-{os.getuid()}"
    make_private_directory(directory)
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        # In a folder that all may write to, somebody else was first.
        raise DaemonUnreachableError(f"{directory} belongs to another user.")
    name = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
    return directory / f"{name}.sock"


def connect(home: Path) -> Connection:
    """Open a connection to the home's daemon. Raises `DaemonUnreachableError`."""
    try:
        path = socket_path(home)
        if not path.exists():
            raise DaemonUnreachableError("No daemon runs for this home.")
        connection = Client(str(path), family="AF_UNIX")
    except (OSError, EOFError, StoreError) as error:
        raise DaemonUnreachableError("No daemon runs for this home.") from error
    if not is_own(connection):
        connection.close()
        raise DaemonUnreachableError("The daemon's socket belongs to another user.")
    return connection


def ask(
    connection: Connection, request: Message, timeout_seconds: float = ANSWER_SECONDS
) -> Message:
    """Send a request and return the reply. Raises `DaemonUnreachableError` if the daemon goes.

    A reply with `error` is raised as an `AssistantError`. After a time-out the connection can't be
    used again.
    """
    try:
        send(connection, request)
        if not connection.poll(timeout_seconds):
            raise DaemonUnreachableError("The daemon does not answer.")
        reply = receive(connection)
    except (OSError, EOFError, ValueError) as error:
        raise DaemonUnreachableError("The daemon went away.") from error
    if "error" in reply:
        raise AssistantError(str(reply["error"]))
    return reply


def send(connection: Connection, message: Message) -> None:
    """Send one message. Raises `OSError`."""
    connection.send_bytes(json.dumps(message).encode())


def receive(connection: Connection) -> Message:
    """Wait for one message. Raises `OSError`, and `EOFError` where the other side is gone."""
    content = json.loads(connection.recv_bytes(LONGEST_MESSAGE_BYTES))
    return content if isinstance(content, dict) else {}


def is_own(connection: Connection) -> bool:
    """Whether this person's process is at the other end, as far as the kernel can tell."""
    try:
        return _peer_uid(connection) == os.getuid()
    except OSError:  # macOS tells nothing of one that hung up
        return False


def _peer_uid(connection: Connection) -> int:
    with socket.socket(fileno=os.dup(connection.fileno())) as other:
        if hasattr(socket, "SO_PEERCRED"):
            size = struct.calcsize("3i")
            data = other.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
            return int(struct.unpack("3i", data)[1])
        # macOS: struct xucred begins with a version and the user id.
        data = other.getsockopt(0, 1, 76)
        return int(struct.unpack("2i", data[:8])[1])


def pack_vectors(vectors: npt.NDArray[np.float32]) -> Message:
    """Return `float32[n, dimensions]` as a message."""
    return {
        "shape": list(vectors.shape),
        "data": base64.b64encode(vectors.tobytes()).decode("ascii"),
    }


def unpack_vectors(message: Message) -> npt.NDArray[np.float32]:
    """Return the array of `pack_vectors`."""
    import numpy as np  # most of what asks a daemon wants no vectors

    data = base64.b64decode(message["data"])
    return np.frombuffer(data, np.float32).reshape(message["shape"]).copy()
