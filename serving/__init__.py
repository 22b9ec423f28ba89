"""The scoring API and the page."""
