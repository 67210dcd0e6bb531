"""Keep libraries from reporting on the program that uses them.

ONNX Runtime (1.31 at least, on Linux too) makes a device id in the user's cache when it is
imported, queues what it saw of the process there, its path among it, and sends that to its maker.
`disable_telemetry_events` comes too late: the id and the queue are made by the import. So whatever
imports such a library calls `refuse_telemetry` first; a test watches what a use leaves on disk.
"""

from __future__ import annotations

import os

_REFUSALS = ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK")


def refuse_telemetry() -> None:
    """Tell this process's libraries, and its children's, to report nothing; before their import."""
    for name in _REFUSALS:
        os.environ[name] = "1"
