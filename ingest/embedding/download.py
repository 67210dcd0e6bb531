"""Fetches one file over https, checked, into memory or to the disk."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from memassist.ingest.embedding.errors import ModelDamagedError, ModelDownloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.client import HTTPMessage
    from pathlib import Path
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
    content = b"".join(_pieces(url, max_bytes, progress))
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise _damaged(url)
    return content


def download_file(
    url: str, target: Path, *, sha256: str, max_bytes: int, progress: Progress | None = None
) -> None:
    """Put what is at `url` into a file, which is there whole and checked or not at all.

    As `download`, for what is too large for memory. Raises `ModelDownloadError` and
    `ModelDamagedError`.
    """
    beside = target.with_name(f"{target.name}.part")
    known = hashlib.sha256()
    try:
        with beside.open("wb") as file:
            for piece in _pieces(url, max_bytes, progress):
                known.update(piece)
                file.write(piece)
        if known.hexdigest() != sha256:
            raise _damaged(url)
        beside.replace(target)
    except OSError as error:
        raise ModelDownloadError(f"{target} can't be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _damaged(url: str) -> ModelDamagedError:
    name = url.rpartition("/")[2]
    return ModelDamagedError(f"{name} does not match its checksum", "Try again.")


def _pieces(url: str, max_bytes: int, progress: Progress | None) -> Iterator[bytes]:
    """Yield what is at `url` as it comes. Raises `ModelDownloadError`."""
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
    done = 0
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            told = response.headers.get("Content-Length")
            total = int(told) if told is not None and told.isdigit() else None
            while piece := response.read(_PIECE_BYTES):
                done += len(piece)
                if done > max_bytes:
                    raise ModelDownloadError(f"{name} is larger than expected")
                yield piece
                if progress is not None:
                    progress(name, done, total)
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
    if total is not None and done != total:
        raise ModelDownloadError(f"{name} broke off after {done} of {total} bytes", "Try again.")


def _require_private(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ModelDownloadError(f"{url} is not an https address")
