"""A post becomes numbers: reading, cleaning, counting, embedding. Knows nothing of targets."""
