"""Measuring: how good are the memories that are made, and the answers that are given.

Nothing here touches a person's home. `extraction` scores what the extractors find in labelled
statements; `benchmark` takes a public benchmark through import, learning and asking.
"""
