"""Language models: one protocol, a client for OpenAI-compatible servers, and llama.cpp in process.

`choose.model_of` returns the one that the settings name.
"""

from memassist.assistant.model.protocol import Cancel, Completion, Message, Model, Schema

__all__ = ["Cancel", "Completion", "Message", "Model", "Schema"]
