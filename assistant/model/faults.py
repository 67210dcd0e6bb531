"""The errors that every back end raises alike."""

from __future__ import annotations

from memassist.assistant.errors import ModelError


def cancelled() -> ModelError:
    """Return what is raised where a person no longer wants an answer."""
    return ModelError("The model was told to stop.", "", "cancelled")


def too_slow(seconds: float) -> ModelError:
    """Return what is raised where an answer takes longer than the setting allows."""
    return ModelError(
        f"The model did not answer within {seconds:g} s.",
        "Give it longer (memassist config set model.timeout_seconds 300) or use a smaller one.",
        "timeout",
    )


def cut_off(written_tokens: int | None = None) -> ModelError:
    """Return what is raised where an answer has no end within its tokens, if those are known."""
    after = "" if written_tokens is None else f" after {written_tokens} tokens"
    return ModelError(
        f"The model's answer was cut off{after}.",
        "Use a model that writes or reasons less.",
        "truncated",
    )
