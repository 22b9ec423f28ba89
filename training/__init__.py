"""Labelled tables become fitted, evaluated, registered and promoted versions."""
