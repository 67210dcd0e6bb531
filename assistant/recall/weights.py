"""Every number of the ranking, each with its reason, in one place.

One set of weights for all texts. They were chosen by leaving one conversation of LoCoMo's
development part out, and a fifth of LongMemEval's, at a time, and rounded; the optimum is flat:
half of any of them or half as much again, `words` aside, costs at most 0.025 of the share @10.
`tests/benchmarks/recall_table.py` measures them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each signal counts, in points for one standard deviation over the candidates.

    A deviation says how well a signal tells the candidates of this query apart: a rare word that
    only one of them holds lies many deviations out, and words that all of them hold lie none out.
    """

    words: float = 0.45
    """BM25 of the words asked for."""
    near_words: float = 0.7
    """Words asked for that its neighbours hold and it lacks, as an answer seldom repeats them all.
    1.0 is no worse on LoCoMo, but then a neighbour's words outweigh a turn's own."""
    conversation_words: float = 0.2
    """Share of the words that stand anywhere in its conversation."""
    meaning: float = 0.5
    """Cosine of query and passage."""
    near_meaning: float = 0.3
    """Cosine of the neighbours, for a short turn says little by itself."""
    conversation_meaning: float = 0.2
    """Cosine of the three best of its conversation."""
    author: float = 1.2
    """Said by somebody the query names."""
    substance: float = 5.5
    """Length of a turn up to `FULL_LENGTH_WORDS`, in natural logarithm: "Thanks!" is no evidence.
    Only turns of a conversation are judged by it, never notes or documents."""
    asks: float = -0.75
    """A turn that ends by asking tells little."""
    shape: float = 1.0
    """"When" wants a time and "how many" a number in the text."""
    speaker: float = -4.5
    """The words of an assistant, where the query is about what the person said or did."""
    time: float = 2.0
    """Written in the time that the query names, or, to a third of it, shortly after."""
    use: float = 0.1
    """For each unit of activation that a memory's uses added (`assistant.retention`): seldom more
    than 0.3 points in all. Where nothing was used yet it changes nothing."""
    same_conversation: float = 1.0
    """Taken off for each better hit of the same conversation, where diverse hits are asked for. A
    third of what lies between the first and the tenth hit on LoCoMo; the share @10 falls by .04."""


WEIGHTS = Weights()

POOL = 400
"""Passages from each of words and meaning. No number here depends on how many hits are wanted, so
the first 10 of 50 are those of asking for 10."""
SHORT_LIST = 300
"""Items of the pool, by words and meaning alone, that are looked at with their surroundings."""
TYPED_SHORT_LIST = 60
"""The same while a query is being typed and searched by words alone."""
FEWEST = 100
"""Over so many texts at least the words' deviation is taken, those without any of the words counted
in: among five candidates the only one with a rare word would hardly stand out."""
ALIKE = 5
"""Passages whose cosines stand in for that of one without a vector: the nearest by their words."""
RADIUS = 2
"""Neighbours on each side."""
NEIGHBOUR_DECAY = 0.6
"""What a word or meaning is worth one place away; its square two places away."""
SHORT_WORDS = 30.0
"""A text of this length is lifted by half of what its surroundings say; a long one stands alone."""
FULL_LENGTH_WORDS = 30
"""About two sentences: beyond it more words are no more evidence."""
AFTERWARDS_DAYS = 10
"""People tell of a time within days: "last week we ...". """
BEST_OF_CONVERSATION = 3
COLLAPSE_DEPTH = 100
"""How far down near-duplicates are looked for."""
LIKE_WORDS = 15
"""Fewer different words say something else if one of them differs."""
LIKE_SHARE = 0.9
"""Words in common, of all in either, that make two longer texts near-duplicates."""
LONGEST_WHOLE_CHARACTERS = 1_000
"""A message up to this length is shown whole, whichever part of it was found."""
