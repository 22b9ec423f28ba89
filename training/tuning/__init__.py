"""Fine-tuning an encoder end to end, on several tasks at once."""
