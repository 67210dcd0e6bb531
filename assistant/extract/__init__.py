"""From stored items to typed memories: windows, extractors, and what becomes of a candidate."""
