"""Formats that are known and not read: each such file gives one clear refusal, with a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import open_or_refuse, read_bounded, strip_mark
from memassist.ingest.readers.text import suffix_of
from memassist.ingest.readers.values import BrokenJsonError, parse_json
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

_MAX_CHECKED_BYTES = 32 << 20
_PACKED = {
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"\x1f\x8b\x08": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
"""The first bytes of what packs files and is no zip."""
_PICTURES = {
    **dict.fromkeys((b"hevc", b"hevx", b"mif1", b"msf1"), "HEIF"),
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
}
"""By the brand in the first box of their file (ISO/IEC 14496-12)."""
_COMPOUND_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Of OLE compound files: Office before 2007, and any Office document with a password."""

_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
_COMPOUND_BYTES_CHECKED = 8 << 20
_AS_LINES = 'turn it into JSON lines, one {"text": "..."} a line, and import those'
_SAVE_AS = "save it as .docx, .xlsx, .pptx or PDF and import that"


class UnsupportedReader:
    """Recognises formats that are not read and refuses them."""

    name = "unsupported"
    version = 3

    def recognises(self, file: SourceFile) -> float:
        """Sure of a format it knows; unsure of any other JSON file."""
        if _known_format(file) is not None or _left_out(file) is not None:
            return 0.85
        return 0.1 if suffix_of(file.name) == ".json" else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one skip: JSON of no known format, AVIF and other HEIF, what is packed and no zip.

        Raises `UnreadableFileError` with the format's name, or with what is wrong.
        """
        del options
        with open_or_refuse(file.path):
            pass
        found = _known_format(file)
        if found is not None:
            raise UnreadableFileError(*found)
        left_out = _left_out(file)
        if left_out is not None:
            yield Skipped(file.name, left_out)
            return
        content = None if file.entry else read_bounded(file.path, _MAX_CHECKED_BYTES)
        if content is not None:
            try:
                parse_json(strip_mark(content))
            except BrokenJsonError as error:
                raise UnreadableFileError(
                    str(error), "the file may be cut off: export or download it again"
                ) from error
        yield Skipped(file.name, "JSON of no known format")


def _left_out(file: SourceFile) -> str | None:
    """Why a file is skipped, with the way out; no problem, as disks are full of such files."""
    if file.head[4:8] == b"ftyp" and file.head[8:12] in _PICTURES:
        return f"{_PICTURES[file.head[8:12]]} picture: save it as JPEG first"
    packed = next((name for mark, name in _PACKED.items() if file.head.startswith(mark)), None)
    return None if packed is None else f"packed as {packed}: unpack it first"


def _known_format(file: SourceFile) -> tuple[str, str] | None:
    """The reason to refuse a file and the way out; None for any other."""
    head = file.head
    if head.startswith(_COMPOUND_MARK):
        if file.entry is None and _holds_encrypted(file):
            return "encrypted Office document", "save a copy without a password and import that"
        return "Office document of before 2007", _SAVE_AS
    if head.startswith(b"{\\rtf"):
        return "RTF: not supported", _SAVE_AS
    body = strip_mark(head).lstrip()
    is_json = body[:1] in (b"[", b"{")
    if is_json and b'"responses"' in body and b'"conversations"' in body:
        return "Grok export: not supported", _AS_LINES
    return None


def _holds_encrypted(file: SourceFile) -> bool:
    with open_or_refuse(file.path) as stream:
        # The directory that names the parts may stand at either end.
        if _ENCRYPTED_PART in stream.read(_COMPOUND_BYTES_CHECKED):
            return True
        size_bytes = stream.seek(0, 2)
        stream.seek(max(0, size_bytes - _COMPOUND_BYTES_CHECKED))
        return _ENCRYPTED_PART in stream.read()
