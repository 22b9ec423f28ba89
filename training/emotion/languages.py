"""What language each text of a table is in."""

import pandas as pd

from features.text.language import detect


def languages_of(frame: pd.DataFrame) -> list[str]:
    """Return ISO 639-1 codes, detected where none is given, empty where that fails, (n,).

    Parameters
    ----------
    frame
        `text` and `language`, index 0..n-1.
    """
    given = frame["language"].tolist()
    missing = [i for i, code in enumerate(given) if not isinstance(code, str) or not code]
    for i, found in zip(missing, detect([frame["text"][i] for i in missing]), strict=True):
        given[i] = found.code or ""
    return given
