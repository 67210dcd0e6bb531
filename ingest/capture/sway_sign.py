"""The sign of capture under sway: the bar of X11, by way of sway's Xwayland.

Wayland lets only bars and lock screens draw above all windows. A window of X11 that asks for no
window manager is one that sway lays above the others, at the place it asks for.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from Xlib.display import Display

    from memassist.ingest.capture.desktop import Area
    from memassist.ingest.capture.x11_sign import CaptureSign


class SwaySign:
    """A bar on each output, where sway runs Xwayland; nothing where it does not. One thread's."""

    def __init__(self) -> None:
        """Show nothing yet: the first connection starts Xwayland."""
        self._display: Display | None = None
        self._sign: CaptureSign | None = None
        self._is_given_up = not os.environ.get("DISPLAY")

    def show(self, outputs: Sequence[Area]) -> None:
        """Show a bar on these outputs and on no other; none takes the sign away."""
        from Xlib.error import ConnectionClosedError, XError

        if self._sign is None and outputs and not self._is_given_up:
            self._open()
        try:
            if self._sign is not None:
                self._sign.show(outputs)
        except (ConnectionClosedError, OSError):
            self._display = self._sign = None  # sway starts Xwayland anew when it is asked again
        except XError:
            pass  # an output went just then: the next time shows it

    def close(self) -> None:
        """Take the sign away."""
        from Xlib.error import ConnectionClosedError

        try:
            if self._display is not None:
                self._display.close()
        except (ConnectionClosedError, OSError):
            pass  # Xwayland went before, and the sign with it
        self._display = self._sign = None

    def _open(self) -> None:
        from Xlib.display import Display
        from Xlib.error import DisplayError, XauthError

        from memassist.ingest.capture.x11_sign import CaptureSign

        try:
            self._display = Display()
        except (DisplayError, XauthError, OSError):
            self._is_given_up = True  # it is somebody else's, or none is there
            return
        self._sign = CaptureSign(self._display)
