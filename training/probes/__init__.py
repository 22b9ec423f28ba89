"""What is asked of a model with texts of our own: is it fair, is it steady, can it be gamed."""
