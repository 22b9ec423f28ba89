"""Where MLflow comes in: `mlflow.pyfunc.load_model`, `mlflow models serve` and `spark_udf`."""

import os
from pathlib import Path

from models.frames import PostModel, load_model
from models.persistence import read_manifest
from models.registry import Registry


def _load_pyfunc(path: str) -> PostModel:
    """Load what was registered; MLflow calls this, with the version's own code in the path."""
    folder = Path(path)
    manifest = read_manifest(folder)
    encoder = Registry.of_mlflow(os.environ).encoder(manifest.encoder_digest or "")
    return PostModel(load_model(folder, manifest.kind), manifest.kind, encoder)
