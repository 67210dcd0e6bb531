"""From a place on disk or screen to stored items and passages."""
