"""The demo: a temporary home, samples through the real thing, and what became of them."""

from memassist.assistant.demo.results import DemoResult
from memassist.assistant.demo.run import run
from memassist.assistant.demo.samples import SampleSet, builtin_samples, read_samples

__all__ = ["DemoResult", "SampleSet", "builtin_samples", "read_samples", "run"]
