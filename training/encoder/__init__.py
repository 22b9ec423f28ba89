"""Sentence encoders in torch: where they start from, and how they are written down as ONNX."""
