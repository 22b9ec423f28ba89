"""What the gate said of a version, in one short sentence."""

import re

_GAIN = re.compile(
    r"(?P<verdict>Better|Not [^:]+): (?P<metric>[a-z_ ]+) [\d.]+ against (?P<theirs>-?[\d.]+)"
    r" of (?P<rival>.+?) \(gain (?P<gain>[+-][\d.]+),"
)


def in_short(reason: str) -> str:
    """Return the gate's reasons as one short sentence: of several rivals, the strongest.

    Examples
    --------
    >>> in_short("Better: mean pearson 0.7000 against 0.6000 of mean (gain +0.1000, interval …).")
    '+0.1000 mean pearson against mean'
    """
    gains = list(_GAIN.finditer(reason))
    if not gains:
        return re.split(r"\. (?=[A-Z])", reason)[0].split(":")[0].rstrip(".")
    metric = gains[0]["metric"]
    same = (found for found in gains if found["metric"] == metric)
    rival = max(same, key=lambda found: float(found["theirs"]))
    told = f"{rival['gain']} {metric} against {rival['rival']}"
    return told if rival["verdict"] == "Better" else f"{rival['verdict']}: {told}"
