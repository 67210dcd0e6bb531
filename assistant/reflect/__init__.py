"""Looking back and ahead: summaries of days and weeks, and what is coming up.

Invariant: a summary rests on items, through the memories it tells, and never on another summary
(`store.reflections.of_interval`). Nothing here is searched beside what it repeats unless its time
is asked for, and no answer rests on it.
"""
