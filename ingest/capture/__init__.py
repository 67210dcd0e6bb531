"""The screen: which window is in front, whether it may be read, what changed, and what it says.

Nothing here writes to a disk. Pixels live in this process and in that of the text recognition,
and only for as long as one picture is worked on.
"""
