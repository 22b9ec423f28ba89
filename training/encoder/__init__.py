"""Sentence encoders in torch: where they start from, and how they are written down as ONNX."""

INSTALL = "pip install torch==2.13.0 && pip install -e '.[train]'"
"""What fine-tuning needs; `torch` first: any other way pulls gigabytes of GPU libraries."""
