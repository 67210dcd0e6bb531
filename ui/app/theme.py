"""Two colour themes, dark and light."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="memassist-dark",
    primary="#6CB6FF",
    secondary="#B79CF2",
    accent="#F2B866",
    success="#6FCF97",
    warning="#F2C94C",
    error="#F27878",
    foreground="#E4E7EC",
    background="#14171C",
    surface="#1B1F26",
    panel="#252B35",
    dark=True,
)
LIGHT = Theme(
    name="memassist-light",
    primary="#1F6FB8",
    secondary="#6C4AB6",
    accent="#A85B00",
    success="#22794A",
    warning="#8A6500",
    error="#B3261E",
    foreground="#1D232B",
    background="#FAFAF8",
    surface="#F1F1EE",
    panel="#E4E5E1",
    dark=False,
)
