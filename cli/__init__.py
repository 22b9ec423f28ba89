"""The `prescore` command: parses, calls, prints."""
