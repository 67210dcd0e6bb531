"""Secrets on pictures, read by the real text recognition; the whole golden set is a benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from memassist.ingest.capture.reading import WindowText

if TYPE_CHECKING:
    from memassist.ingest.capture.recogniser import ProcessRecogniser

SECRETS = {
    "Visa 4539 1488 0343 6467 exp 11/29": "4539 1488",
    "Mastercard 5234-1234-5678-9017": "5234-1234",
    "card number 4539148803436467": "4539148803",
    "American Express 3714 496353 98431": "3714 496353",
    "Password: tr0ub4dor&3x": "tr0ub4dor",
    "my password is Xk29dkk2mm": "Xk29dkk2mm",
    "Your verification code is 492817": "492817",
    "password=correct-horse-77": "correct-horse",
    "Bearer " + "zY8kPq2Lm9Xv4Rt7" + "Wn3Bc6Df1Gh5Js0A": "zY8kPq2Lm9",
}
ORDINARY = (
    "The heat pump costs 14,200 euros",
    "Call 020 7946 0958 after 5 pm",
    "Meeting on 2026-05-04 in room 3.14",
    "Order 20260501-0042 was sent",
)


def test_secrets_on_a_picture_are_hidden_and_ordinary_lines_are_not(
    page: Any, recogniser: ProcessRecogniser
) -> None:
    lines = [*SECRETS, *ORDINARY]
    size = (620, 40 + 30 * len(lines))
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    pixels[:, :, :3] = np.asarray(page(lines, size))[:, :, ::-1]
    reading = WindowText().read(pixels, recogniser)
    text = "\n".join(" ".join(line.text for line in row) for row in reading.rows)
    for secret in SECRETS.values():
        assert secret not in text
    assert len(reading.secret_lines) == len(SECRETS)
    for line in ORDINARY:
        assert line.replace(" ", "") in text.replace(" ", "")
