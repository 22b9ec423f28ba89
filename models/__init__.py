"""What is fitted, how it predicts, and how it is kept."""
