"""The service against its own OpenAPI document, with every check that schemathesis has.

`make fuzz` runs the same with thousands of cases.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.account.store import HistoryStore
from features.database import Database
from serving.access.keys import Wanted
from serving.access.store import KeyStore
from serving.app import create_app
from tests.serving.conftest import settings_at
from tests.serving.serving_here import Served
from tests.serving.standins import TinyRegistry

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("PRESCORE_FUZZ", "")
"""For each operation, in all phases; without it a few, in the two short ones."""
SEED = 20261124


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A service that asks for a key and keeps receipts; its address, and a key for all of it."""
    settings = replace(settings_at(tmp_path), poll_seconds=3600, receipt_days=1)
    url = settings.home.database_url
    keys = KeyStore(Database(url))
    _, key = keys.create(Wanted("fuzz", frozenset({"admin"})), datetime.now(UTC))
    keys.close()
    app = create_app(settings, TinyRegistry, lambda: HistoryStore(url))
    with Served(app) as port:
        app.state.desk.champions.refresh()
        yield f"http://127.0.0.1:{port}", key


def test_the_service_is_as_its_document_says(
    opened: tuple[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    address, key = opened
    phases = "examples,coverage,fuzzing,stateful" if EXAMPLES else "examples,fuzzing"
    words = ["run", f"{address}/openapi.json", "-H", f"Authorization: Bearer {key}"]
    words += ["--max-examples", EXAMPLES or "8", "--seed", str(SEED), "--continue-on-failure"]
    words += ["--phases", phases, "--no-color", "--request-timeout", "60"]
    program = [sys.executable, "-m", "schemathesis.cli"]
    done = subprocess.run(
        [*program, "--config-file", str(HERE / "schemathesis.toml"), *words],
        env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    told = re.sub(r"(?m)^(.{400}).*$", r"\1…", done.stdout)
    with capfd.disabled():
        print("\n" + "\n".join(re.findall(r"(?m)^ +\d+ generated.*$", told)))  # noqa: T201
    assert done.returncode == 0, told + done.stderr
