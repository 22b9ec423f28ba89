import subprocess
import sys

import pytest

HEAVY = ("numpy", "pandas", "mlflow", "sklearn", "lightgbm", "onnxruntime", "fastapi", "sqlalchemy")
TRAINING_ONLY = ("torch", "sentence_transformers", "transformers", "onnx")


def loaded_after(code: str, names: tuple[str, ...]) -> list[str]:
    """Which of the modules a fresh Python has loaded after running some code."""
    report = f"import sys; print(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize("words", [["--help"], ["score", "--help"], ["train", "share", "--help"]])
def test_help_waits_for_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys, io\nfrom cli.main import app\nout = sys.stdout\nsys.stdout = io.StringIO()\n"
    )
    code += f"try: app({words!r})\nexcept SystemExit: pass\nsys.stdout = out"
    assert loaded_after(code, HEAVY) == []


@pytest.mark.parametrize(
    "modules",
    [
        "serving.main, serving.app, models.registry, features.account.store",
        "cli.score, models.scorer, models.registry, models.emotion, models.share, models.frames",
        "training.share.run, training.evaluate",
    ],
)
def test_only_the_training_of_emotion_needs_a_training_library(modules: str) -> None:
    assert loaded_after(f"import {modules}", TRAINING_ONLY) == []


def test_the_service_waits_for_no_library_of_the_models() -> None:
    """These are imported beside the loading of the encoder: see `models.registry.Registry.load`."""
    libraries = ("lightgbm", "sklearn", "crepes", "openpyxl")
    assert loaded_after("import serving.main", libraries) == []
