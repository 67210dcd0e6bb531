"""Everything a person types at."""
