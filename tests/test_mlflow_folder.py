"""What `mlflow/` says must agree with the code: MLflow itself reads it, not we."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.versions import CHALLENGER, CHAMPION, ENCODER_NAME, NAMES, PREVIOUS

ROOT = Path(__file__).parent.parent


def content(name: str) -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "mlflow" / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_registry_names_are_those_of_the_code() -> None:
    registry = content("registry.yaml")

    assert registry["names"] == {**NAMES, "encoder": ENCODER_NAME}
    assert registry["aliases"] == [CHAMPION, CHALLENGER, PREVIOUS]


def test_environment_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    environment = content("python_env.yaml")

    torch, *training = project["optional-dependencies"]["train"]
    assert environment["dependencies"] == [*project["dependencies"], *training]
    assert torch in environment["build_dependencies"]


@pytest.mark.parametrize("entry", ["train_emotion", "train_share", "evaluate"])
def test_entry_points_fill_every_parameter(entry: str) -> None:
    found = content("MLproject")["entry_points"][entry]

    asked = set(re.findall(r"(?<!\{)\{(\w+)\}", found["command"]))
    assert asked == set(found["parameters"])
