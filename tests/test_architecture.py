"""The arrows between the parts, as the design draws them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "features": {"features"},
    "models": {"features", "models"},
    "training": {"features", "models", "training"},
    "serving": {"features", "models", "serving"},
    "cli": {"features", "models", "training", "serving", "cli"},
}


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return names


def sources(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_follow_the_arrows(part: str) -> None:
    for path in sources(part):
        ours = {name.split(".")[0] for name in imports(path)} & ALLOWED.keys()
        assert ours <= ALLOWED[part], f"{path.relative_to(ROOT)} imports {ours - ALLOWED[part]}"


@pytest.mark.parametrize(
    ("part", "limit"), [("features", 0), ("models", 1), ("training", 1), ("serving", 0), ("cli", 0)]
)
def test_mlflow_is_imported_in_one_place(part: str, limit: int) -> None:
    users = [
        path.name
        for path in sources(part)
        if any(name.split(".")[0] == "mlflow" for name in imports(path))
    ]
    assert len(users) <= limit, users


def test_mlflow_folder_holds_no_code() -> None:
    assert not list((ROOT / "mlflow").rglob("*.py"))
