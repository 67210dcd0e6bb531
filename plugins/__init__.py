"""What plugins rely on: value types, protocols and hooks. Imports nothing else of memassist."""
