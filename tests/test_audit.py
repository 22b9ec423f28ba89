"""The audit of dependencies: three answers, and what is made of each."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

AUDIT = Path(__file__).parents[1] / ".ci" / "audit"
HOLE = {"id": "PYSEC-2026-1", "fix_versions": ["2.0"], "aliases": [], "description": ""}


def audit(answer: str, code: int, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the audit with an advisory service that gives this answer."""
    says = (
        f"import sys; print({answer!r}); print('No route to host', file=sys.stderr); exit({code})"
    )
    command = shlex.join([sys.executable, "-c", says])
    return subprocess.run(
        [sys.executable, str(AUDIT)],
        env={**os.environ, "AUDIT_COMMAND": command, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def answered(*holes: dict[str, Any]) -> str:
    return json.dumps({"dependencies": [{"name": "a", "version": "1.0", "vulns": list(holes)}]})


def test_a_hole_fails_and_is_named() -> None:
    done = audit(answered(HOLE), 1)
    assert done.returncode == 1
    assert "a 1.0: PYSEC-2026-1, fixed in 2.0" in done.stdout


def test_no_hole_passes() -> None:
    done = audit(answered(), 0)
    assert (done.returncode, done.stdout) == (
        0,
        "Audit: 1 packages, no known hole; 0 not asked.\n",
    )


def test_packages_that_nobody_knows_are_not_called_clean() -> None:
    skipped = {"name": "a", "skip_reason": "Dependency not found on PyPI"}
    done = audit(json.dumps({"dependencies": [skipped]}), 0)
    assert "NOT DONE" in done.stdout
    assert "no known hole" not in done.stdout


@pytest.mark.parametrize(("must", "code"), [("", 0), ("1", 1)])
def test_what_could_not_be_asked_is_not_called_clean(must: str, code: int) -> None:
    done = audit("", 1, AUDIT_MUST_ANSWER=must)
    assert done.returncode == code
    assert "NOT DONE" in done.stdout
    assert "No route to host" in done.stdout
    assert "no known hole" not in done.stdout
