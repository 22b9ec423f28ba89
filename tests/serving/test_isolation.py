"""What a serving process must not carry, seen in one that scores with the real parts."""

import os
import subprocess
import sys

from models.settings import Home

FORBIDDEN = ("torch", "sentence_transformers", "transformers", "training", "onnx", "onnxscript")

SCRIPT = f"""
import os, sys
from fastapi.testclient import TestClient
from models.settings import Home
from serving import main
from serving.app import create_app
from serving.settings import Settings

app = create_app(Settings(Home.from_environment(os.environ)))
with TestClient(app) as client:
    app.state.desk.champions.refresh()
    answer = client.post("/v1/score", json={{"text": "We open the old cinema today!"}})
    assert answer.json()["status"] == "ok", answer.text
    client.get("/")
    client.get("/docs")
found = [name for name in {FORBIDDEN!r} if name in sys.modules]
assert not found, found
"""


def test_serving_never_imports_torch_or_training(home: Home) -> None:
    environment = {**os.environ, "PRESCORE_HOME": str(home.root)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
