"""What memassist does, with no terminal."""
