"""What the gate said of a version, in the language of the page.

The registry keeps the gate's sentences in English, as they were said. Here each is known again by
the template that `training.judging.gate_rules` fills; what fits none stays as it is.
"""

import re
from functools import cache

from babel.numbers import get_decimal_symbol

from models.verdicts import LIMITS, sentences
from serving.page.script_words import ROOM
from serving.page.words import catalogue

COVERAGE = "The 90% intervals hold {held} of the held-out outcomes"
PARTS = "Of the parts with {rows} held-out outcomes or more, the 90% intervals hold "
LEAK = "The score explains {explained} of the variance of the relative outcome (alarm above {most})"

TEMPLATES = (
    "{verdict}: {metric} {ours} against {theirs} of {rival} "
    "(gain {gain}, interval {low} to {high}, on {clusters} held-out {unit})",
    "Too few to tell: {metric} {ours} against {theirs} of {rival}, on {clusters} held-out {unit}",
    "Too few to tell: {gain} {metric} against {rival}",
    "{verdict}: {gain} {metric} against {rival}",
    "{gain} {metric} against {rival}",
    "Not clearly above {needed}",
    "the champion, version {version}",
    "Mind that something simpler does as well or better: {metric} {ours} against {items}",
    f"{COVERAGE}, within the bounds {{low}} to {{high}}, give or take {{slack}} of chance",
    f"{COVERAGE}, within the bounds {{low}} to {{high}}",
    f"{COVERAGE}, outside the bounds {{low}} to {{high}}, give or take {{slack}} of chance",
    f"{COVERAGE}, outside the bounds {{low}} to {{high}}",
    f"{PARTS}at least {{items}}; needed {{needed}}",
    f"{PARTS}too little: {{items}}; needed {{needed}}",
    "Too few to tell: the 90% intervals hold {held} of the held-out outcomes",
    f"{LEAK}: no sign of a leak",
    f"{LEAK}: an input must know the outcome: look for a leak",
    "{held} in {part} ({rows})",
    "{theirs} of {rival}",
    "{limit}: {found}, limit {most}",
)
"""Sentences without their full stop and the parts that they are put together from. Of those that
fit the first is meant."""

WORDS = (
    *LIMITS.values(),
    "Better",
    "Not clearly better",
    "Not as good",
    "Not clearly worse",
    "mean pearson",
    "within account spearman",
    "comparison accuracy",
    "accounts",
    "accounts, in posts since the champion was made",
    "blocks, in posts since the champion was made",
    "blocks",
    "groups",
    "texts",
    "the champion before it",
    "No held-out rows to compare with the champion on",
    "No held-out rows to compare with the baselines on",
    "The coverage of the intervals could not be measured",
    "The champion changed during the training: this version was not judged against the one that "
    "reigns now",
)
"""What templates are filled with, and sentences that are always the same."""

IN_WORDS = ("items", "limit", "metric", "part", "rival", "unit", "verdict")
"""What of a template is filled with words; the rest is with numbers."""

_HOLE = re.compile(r"\\{([a-z]+)\\}")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?%?")
_BETWEEN_ITEMS = re.compile(r"(; |, )(?=[0-9.]+%? (?:in|of) )")


def gate_said(reason: str, language: str) -> str:
    """Return the gate's sentences in a language, each with its full stop.

    Parameters
    ----------
    reason
        As the registry keeps it, or as `models.verdicts.objections` shortens it.
    language
        Of the page.
    """
    return " ".join(f"{_said(one, language)}." for one in sentences(reason) if one)


def _said(text: str, language: str) -> str:
    if _NUMBER.fullmatch(text):
        return text.replace(".", get_decimal_symbol(language))
    for template, pattern in _patterns().items():
        if found := pattern.fullmatch(text):
            values = found.groupdict()
            if "items" in values:
                values["items"] = _items(values["items"], language)
            told = {name: _said(value, language) for name, value in values.items()}
            return catalogue(language).gettext(template).format(**told)
    word = ROOM.get(f"rival_{text}", text)
    return catalogue(language).gettext(str(word))


def _items(listed: str, language: str) -> str:
    return "".join(
        part if place % 2 else _said(part, language)
        for place, part in enumerate(_BETWEEN_ITEMS.split(listed))
    )


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {t: re.compile(_HOLE.sub(_filled, re.escape(t))) for t in TEMPLATES}


def _filled(hole: re.Match[str]) -> str:
    name = hole[1]
    return f"(?P<{name}>{'.+?' if name in IN_WORDS else _NUMBER.pattern})"
