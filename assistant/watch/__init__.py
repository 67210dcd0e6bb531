"""Watched folders: what is new or changed in them is taken in, and nothing is ever taken away.

`folder` says which files count, `scan` takes in what changed, `events` tells when to look, and
`watches` is the facade's part. A file of a folder is one item for as long as the folder is
watched: saving it makes a version, moving it changes nothing, deleting it leaves what was taken in.
"""
