"""Capturing the screen into a home: the loop, its service, and how commands steer it."""
