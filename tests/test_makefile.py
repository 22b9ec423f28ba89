"""What `make` would run, without running it."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("given", "command"),
    [((), "prescore serve"), (("PORT=8080",), "prescore serve --port 8080")],
)
def test_the_port_of_the_service_can_be_chosen(given: tuple[str, ...], command: str) -> None:
    asked = ["make", "--no-print-directory", "--dry-run", "serve", *given]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1].strip().endswith(command)
