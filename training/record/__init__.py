"""What a training run leaves for people: figures and the model card."""
