"""A text becomes its language, its counts and its vector."""
