"""Receipts: what a score was made from, so that it can be read back and made again."""
