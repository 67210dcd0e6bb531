"""Language models: one protocol, and a client for OpenAI-compatible servers."""

from memassist.assistant.model.protocol import Completion, Message, Model, Schema

__all__ = ["Completion", "Message", "Model", "Schema"]
