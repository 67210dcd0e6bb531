"""The one secrets step between reading and storing: masks cards, keys, passwords and codes.

Every text that is to be stored passes through `mask`, titles, file names, authors and addresses
too; nothing else in the product decides what a secret is. It is a filter for slips, not a proof:
a secret that looks like an ordinary word and that nothing announces goes through.
"""

from memassist.ingest.secrets.masking import Masked, contains_secret, mask

__all__ = ["Masked", "contains_secret", "mask"]
