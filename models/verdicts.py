"""What the gate said of a version, in short sentences."""

import re
from collections.abc import Mapping

LIMITS: Mapping[str, str] = {
    "bias": "Who a text is about changes its intensities by, in the language where it is most",
    "bias_kind": "The widest gap between people that differ in one thing alone",
    "change_typo": "A slip of the finger changes intensities by",
    "change_no_diacritics": "Polish letters without their marks change intensities by",
    "change_capitals": "Capitals change intensities by",
    "change_hashtag": "A hashtag that says nothing changes intensities by",
    "change_link": "A link changes intensities by",
    "change_emoji": "An emoji at the end changes intensities by",
    "wrong_way": "Part of the texts that an emoji or capitals move the wrong way",
    "gain_one_trick": "Stuffing in one way raises the share score by, in spreads of the account",
    "gain_all_tricks": "Stuffing in every way at once raises the share score by",
}
"""What is measured on texts of our own (`training.probes`), as a sentence for people begins."""

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


def sentences(reason: str) -> list[str]:
    """Return the gate's reasons one by one, without their full stops."""
    return [sentence.rstrip(".") for sentence in _SENTENCE_END.split(reason)]


def _told(reason: str) -> list[str]:
    """Each reason without its full stop; of several rivals in a metric, the strongest alone."""
    strongest: dict[str, re.Match[str]] = {}
    told: dict[str, str] = {}
    for sentence in sentences(reason):
        found = _GAIN.match(sentence)
        about = found["metric"] if found else sentence
        if found is None:
            told[about] = sentence
        elif about not in strongest or float(found["theirs"]) > float(strongest[about]["theirs"]):
            strongest[about] = found
            told[about] = _gained(found)
    return list(told.values())


def _gained(found: re.Match[str]) -> str:
    told = f"{found['gain']} {found['metric']} against {found['rival']}"
    return told if found["verdict"] == "Better" else f"{found['verdict']}: {told}"
