"""What the gate said of a version, in short sentences."""

import re

_SENTENCE_END = re.compile(r"\. (?=[A-Z])")
_GAIN = re.compile(
    r"(?P<verdict>Better|Not [^:]+): (?P<metric>[a-z_ ]+) [\d.]+ against (?P<theirs>-?[\d.]+)"
    r" of (?P<rival>.+?) \(gain (?P<gain>[+-][\d.]+),"
)


def in_short(reason: str) -> str:
    """Return the first of the gate's reasons as one short sentence.

    Examples
    --------
    >>> in_short("Better: mean pearson 0.7000 against 0.6000 of mean (gain +0.1000, interval …).")
    '+0.1000 mean pearson against mean'
    """
    return _told(reason)[0]


def objections(reason: str) -> str:
    """Return everything that the gate had against a version, each in one short sentence.

    Examples
    --------
    >>> objections("Capitals change intensities by: 0.310, limit 0.25. No held-out rows.")
    'Capitals change intensities by: 0.310, limit 0.25. No held-out rows'
    """
    return ". ".join(_told(reason))


def _told(reason: str) -> list[str]:
    """Each reason without its full stop; of several rivals in a metric, the strongest alone."""
    strongest: dict[str, re.Match[str]] = {}
    told: dict[str, str] = {}
    for sentence in _SENTENCE_END.split(reason):
        found = _GAIN.match(sentence)
        about = found["metric"] if found else sentence
        if found is None:
            told[about] = sentence.rstrip(".")
        elif about not in strongest or float(found["theirs"]) > float(strongest[about]["theirs"]):
            strongest[about] = found
            told[about] = _gained(found)
    return list(told.values())


def _gained(found: re.Match[str]) -> str:
    told = f"{found['gain']} {found['metric']} against {found['rival']}"
    return told if found["verdict"] == "Better" else f"{found['verdict']}: {told}"
