import ast
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import features
import models
from models.packaging import REQUIREMENTS, copy_code, requirements

PACKAGES = [Path(str(package.__file__)).parent for package in (features, models)]


def imported() -> set[str]:
    names = set()
    for path in (path for package in PACKAGES for path in package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"features", "models"}


def test_requirements_name_all_that_is_imported() -> None:
    known = packages_distributions()

    for name in imported():
        offered = {distribution.lower().replace("_", "-") for distribution in known[name]}
        assert offered & set(REQUIREMENTS), f"{name} is imported; add it to REQUIREMENTS"


def test_requirements_name_nothing_else() -> None:
    offered = {name for module in imported() for name in packages_distributions()[module]}
    assert set(REQUIREMENTS) <= {name.lower().replace("_", "-") for name in offered}


def test_requirements_are_pinned_and_know_no_torch() -> None:
    pins = requirements()

    assert all("==" in pin for pin in pins)
    assert not any(pin.startswith(("torch", "sentence")) for pin in pins)


def test_copy_code_takes_code_and_tables_but_no_shipped_models(tmp_path: Path) -> None:
    features_copy, models_copy = copy_code(tmp_path)

    assert (features_copy / "schema.py").is_file()
    assert (models_copy / "pyfunc.py").is_file()
    assert not (models_copy / "starter").exists()
    assert not list(tmp_path.rglob("__pycache__"))
