"""Parsers of documents. They import large libraries and run in a process of their own (limited.py).

Nothing outside of that process imports a module from here.
"""
