"""The texts that models are probed with: YAML beside this module, written for the purpose."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEXTS = Path(__file__).resolve().parent / "texts"
LANGUAGES = ("en", "pl")
"""Of which there are texts of our own."""


@cache
def probe_texts(name: str) -> Any:
    """Return the content of one file of `TEXTS`, by its name without the ending."""
    return yaml.safe_load((TEXTS / f"{name}.yaml").read_text(encoding="utf-8"))
