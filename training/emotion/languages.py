"""What language each text of a table is in."""

import pandas as pd

from features.text.language import detect


def languages_of(frame: pd.DataFrame) -> list[str]:
    """Return ISO 639-1 codes, detected where none is given, empty where that fails, (n,).

    Parameters
    ----------
    frame
        `text` and, possibly with gaps, `language`.
    """
    texts, given = frame["text"].tolist(), frame["language"].tolist()
    missing = [row for row, code in enumerate(given) if not isinstance(code, str) or not code]
    for row, found in zip(missing, detect([texts[row] for row in missing]), strict=True):
        given[row] = found.code or ""
    return given
