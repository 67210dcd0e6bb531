"""Fetches one file over https, checked, into memory."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from memassist.ingest.embedding.errors import ModelDamagedError, ModelDownloadError

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPMessage
    from typing import IO
    from urllib.request import Request

HUB_URL = "https://huggingface.co"

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_TIMEOUT_SECONDS = 30
_PIECE_BYTES = 1 << 18

Progress: TypeAlias = "Callable[[str, int, int | None], None]"
"""Called with the file's name, the bytes so far, and all of them or None where not told."""


def download(
    url: str, *, sha256: str | None, max_bytes: int, progress: Progress | None = None
) -> bytes:
    """Return what is at `url`; of more than `max_bytes` nothing is kept.

    Only https, also after a redirect; plain http to this machine itself is allowed.
    `sha256` is in hexadecimal, None where none is known. Raises `ModelDownloadError`,
    or `ModelDamagedError` where the sum is another.
    """
    import urllib.error
    import urllib.request

    class _Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(
            self,
            req: Request,
            fp: IO[bytes],
            code: int,
            msg: str,
            headers: HTTPMessage,
            newurl: str,
        ) -> Request | None:
            _require_private(newurl)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    _require_private(url)
    name = url.rpartition("/")[2]
    opener = urllib.request.build_opener(_Redirects)
    request = urllib.request.Request(url, headers={"User-Agent": "memassist"})
    content = bytearray()
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            told = response.headers.get("Content-Length")
            total = int(told) if told is not None and told.isdigit() else None
            while piece := response.read(_PIECE_BYTES):
                content += piece
                if len(content) > max_bytes:
                    raise ModelDownloadError(f"{name} is larger than expected")
                if progress is not None:
                    progress(name, len(content), total)
    except urllib.error.HTTPError as error:
        error.close()
        raise ModelDownloadError(
            f"the model hub answered {error.code} for {url}", "Check the model's name."
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise ModelDownloadError(
            f"{name} could not be fetched: {reason}", "Check the network and try again."
        ) from error
    if total is not None and len(content) != total:
        raise ModelDownloadError(
            f"{name} broke off after {len(content)} of {total} bytes", "Try again."
        )
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise ModelDamagedError(f"{name} does not match its checksum", "Try again.")
    return bytes(content)


def _require_private(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ModelDownloadError(f"{url} is not an https address")
