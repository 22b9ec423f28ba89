"""What a serving process must not carry."""

import subprocess
import sys

FORBIDDEN = ("torch", "sentence_transformers", "transformers", "training", "onnx", "matplotlib")

SCRIPT = f"""
import sys
from fastapi.testclient import TestClient
from models.settings import Home
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import NoStore
from tests.serving.standins import TinyRegistry

settings = Settings(Home.from_environment({{}}))
app = create_app(settings, TinyRegistry, NoStore)
with TestClient(app) as client:
    app.state.desk.champions.refresh()
    answer = client.post("/v1/score", json={{"text": "We open the old cinema today!"}})
    assert answer.json()["status"] == "ok", answer.text
    client.get("/")
found = [name for name in {FORBIDDEN!r} if name in sys.modules]
assert not found, found
"""


def test_serving_never_imports_torch_or_training() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
