"""Makes the two samples of the demo that no editor writes: the ChatGPT export and the screenshot.

`python tests/assistant/demo_samples.py` writes them anew; `test_demo_samples.py` holds what is
committed to what this makes, and `test_demo.py` makes a screenshot with other words.
"""

from __future__ import annotations

import io
import json
import re
import uuid
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = Path(__file__).parents[2] / "assistant" / "demo" / "data" / "samples"
EXPORT_NAME = "chatgpt-export.zip"
SCREENSHOT_NAME = "Screenshot 2026-05-16 at 11.30.12.png"

Turn: TypeAlias = tuple[str, str, str]
"""`HH:MM`, role, and what was said."""

SCREENSHOT_LINES = (
    "Skerry Ferries",
    "Booking confirmed",
    "The ferry to Stromness departs on Saturday 13 June 2026 at 06:30.",
    "Scrabster, pier 2. Check-in closes 45 minutes before.",
    "3 passengers, 1 van, 1 dog",
    "Lead passenger: Tilda Brandt",
    "Total paid: 187.40 GBP",
)
"""The first two are the head of the page."""

CONVERSATIONS = """
= Upright with a buzzing D (2025-11-16)
19:02 user: I live in York, where every upright is old. In this one a single note buzzes,
    the D below middle C, and only when it's played softly. What would you check first?
19:02 assistant: Start with whatever is loose nearby: the fallboard hinges, a pedal rod, a
    coin on the soundboard. If the note alone buzzes, look at the bridge pins and then at a
    crack in the soundboard under the treble bridge.
19:09 user: It was a coin. A threepence from 1942, in fact.
19:09 assistant: Then the piano has paid for its own tuning. Check that nothing else rolled
    under the keyslip while you have it off.
19:15 user: I'm learning Norwegian for the songs in the winter concert. How do you say
    'tuning fork'?
19:15 assistant: In Norwegian a tuning fork is a 'stemmegaffel'. Stemme is both 'voice' and
    'to tune', which suits your trade.

= A present for a beekeeper (2026-03-01)
08:40 user: What would you give an aunt who reads everything and sits still for nothing?
08:40 assistant: A voucher for a gliding lesson, or a very good torch and a book of walks
    that are best at dusk.
08:44 user*: My aunt Edda turns 72 this autumn. What would you give an aunt who reads
    everything and sits still for nothing?
08:44 assistant: A folding bicycle, if she hasn't got one: it goes on trains, carries books,
    and is an excuse to leave early. A lighthouse stay would be my second choice.
08:51 user: The lighthouse is good. I booked a night in the Flamborough lighthouse for Edda
    on 3 October 2026.
08:51 assistant: She will want the top room and a blanket. Ask whether the lamp can be
    visited after dark.

= Loaf like a paving stone (2026-02-08)
10:20 user: My loaf came out flat and sour again. The kitchen has 15 degrees in winter.
10:20 assistant: At 15 degrees the dough needs about twice the time the books give. Let it
    rise by the boiler until it domes, and bake it late: a long night in the cold does no
    harm.
10:26 user: And the pot?
10:26 assistant: Heat it with the oven for a good half hour. A cold pot is the other reason
    for paving stones.
17:55 user: Better! Remember that my oven is 20 degrees too hot.
17:55 assistant: Noted: set it 20 degrees lower than a recipe says, and take the lid off a
    little earlier.

= Speech for the choir (2026-04-25)
21:10 user: Write a short toast for our choir master, who retires after forty years. Make it
    funny: I've sung flat for nine of them.
21:10 assistant: Dear friends, forty years ago a man raised his hand, and we have been
    guessing ever since what he meant by it. Please raise a glass, roughly together, to the
    only person who ever heard every wrong note and came back on Thursday.
21:14 user: Perfect. I'm performing at St Hilda's hall on 30 May 2026 with the choir, so it
    will be said there.
21:14 assistant: Break a leg, and leave a pause after 'roughly together'.
"""
"""A line `= title (day)` opens a conversation, `HH:MM role: ...` a turn; indented lines go on.

A role with an asterisk is an edited message: it hangs beside the one it replaces.
"""


def export_zip(script: str) -> bytes:
    """Return an export as ChatGPT packs it, the same bytes for the same script."""
    packed = io.BytesIO()
    members = {
        "conversations.json": [_conversation(*one) for one in _conversations(script)],
        "user.json": {
            "id": "user-sample",
            "email": "tilda@example.org",
            "chatgpt_plus_user": False,
        },
        "message_feedback.json": [],
    }
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, (2026, 5, 17, 9, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, json.dumps(content, ensure_ascii=False))
    return packed.getvalue()


def _conversations(script: str) -> Iterator[tuple[str, str, list[Turn]]]:
    joined = re.sub(r"\n +", " ", script)
    for block in re.split(r"^= ", joined, flags=re.M)[1:]:
        head, *lines = block.strip().splitlines()
        title, _, day = head.rstrip(")").rpartition(" (")
        turns = [re.fullmatch(r"(\d\d:\d\d) (\w+\*?): (.+)", line) for line in lines]
        yield title, day, [(turn[1], turn[2], turn[3]) for turn in turns if turn]


def _conversation(title: str, day: str, turns: list[Turn]) -> dict[str, object]:
    def identifier(*parts: object) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, (title, *parts)))))

    root, system = identifier("root"), identifier("system")
    started = _seconds(day, turns[0][0])
    mapping: dict[str, dict[str, object]] = {
        root: {"id": root, "message": None, "parent": None, "children": [system]},
        system: {
            "id": system,
            "message": _message(system, "system", "", None, weight=0.0)
            | {"metadata": {"is_visually_hidden_from_conversation": True}},
            "parent": root,
            "children": [],
        },
    }
    children: dict[str, list[str]] = {root: [system], system: []}
    parents = {system: root}
    last = system
    for number, (time, role, text) in enumerate(turns):
        node = identifier(number)
        if role == "user*":
            # The edited message hangs beside the one it replaces: two steps up.
            last = parents[parents[last]]
        parents[node] = last
        children[last].append(node)
        children[node] = []
        message = _message(node, role.rstrip("*"), text, _seconds(day, time))
        mapping[node] = {"id": node, "message": message, "parent": last, "children": []}
        last = node
    for node, own in children.items():
        mapping[node]["children"] = own
    return {
        "id": identifier(),
        "conversation_id": identifier(),
        "title": title,
        "create_time": started,
        "update_time": _seconds(day, turns[-1][0]),
        "mapping": mapping,
        "moderation_results": [],
        "current_node": last,
        "plugin_ids": None,
        "gizmo_id": None,
        "is_archived": False,
        "is_starred": None,
        "safe_urls": [],
        "default_model_slug": "gpt-4o",
        "conversation_template_id": None,
        "is_do_not_remember": False,
    }


def _message(
    node: str, role: str, text: str, seconds: float | None, weight: float = 1.0
) -> dict[str, object]:
    is_reply = role == "assistant"
    return {
        "id": node,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": seconds,
        "update_time": None,
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "end_turn": True if is_reply else None,
        "weight": weight,
        "metadata": {"model_slug": "gpt-4o"} if is_reply else {},
        "recipient": "all",
        "channel": None,
    }


def _seconds(day: str, time: str) -> float:
    return datetime.fromisoformat(f"{day}T{time}:00+00:00").timestamp()


def screenshot(lines: tuple[str, ...]) -> bytes:
    """Return a PNG of a web page that says these lines."""
    picture = Image.new("RGB", (1000, 190 + 58 * len(lines)), "#f4f6f8")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 1000, 96), fill="#12455c")
    draw.text((48, 26), lines[0], font=ImageFont.load_default(size=38), fill="white")
    draw.text((48, 130), lines[1], font=ImageFont.load_default(size=34), fill="#0b7a4b")
    top = 200
    for line in lines[2:]:
        draw.text((48, top), line, font=ImageFont.load_default(size=27), fill="#1c2328")
        top += 58
    draw.rectangle((48, top + 18, 300, top + 74), fill="#0b7a4b")
    draw.text((84, top + 30), "Print tickets", font=ImageFont.load_default(size=27), fill="white")
    packed = io.BytesIO()
    picture.quantize(64).save(packed, "PNG", optimize=True)
    return packed.getvalue()


if __name__ == "__main__":
    (SAMPLES / EXPORT_NAME).write_bytes(export_zip(CONVERSATIONS))
    (SAMPLES / SCREENSHOT_NAME).write_bytes(screenshot(SCREENSHOT_LINES))
