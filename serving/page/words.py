"""The words of the page in each language: English in the sources, others in gettext catalogues."""

import re
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from serving.page.script_words import BY_VIEW

LANGUAGES = ("en", "pl")
DEFAULT = "en"

PLURAL_CATEGORIES: Mapping[str, Mapping[str, int]] = {
    "en": {"one": 1, "other": 2},
    "pl": {"one": 1, "few": 2, "many": 5, "other": 2},
}
"""By language: what `Intl.PluralRules` calls each form, and a number that takes it."""

_ACCEPTED = re.compile(
    r"\s*(?P<language>[a-z0-9*-]+)\s*(?:;\s*q=(?P<weight>[01](?:\.[0-9]*)?)\s*)?"
)
"""One language of a lower-cased Accept-Language header and its weight (RFC 9110, 12.5.4)."""


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the translations into a language; compiled from its text file on first use."""
    source = files("serving.page") / "locale" / language / "LC_MESSAGES" / "messages.po"
    if language == DEFAULT or not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def script_words(path: str, language: str) -> dict[str, str | dict[str, str]]:
    """Return what the scripts of a view say, in a language; plurals by their category."""
    return {
        key: _said(words, language) for part in BY_VIEW.get(path, ()) for key, words in part.items()
    }


def _said(words: str | tuple[str, str], language: str) -> str | dict[str, str]:
    translations = catalogue(language)
    if isinstance(words, str):
        return translations.gettext(words)
    forms = PLURAL_CATEGORIES[language]
    return {name: translations.ngettext(*words, number) for name, number in forms.items()}


def choose(asked: str | None, kept: str | None, accepted: str) -> str:
    """Return the language for a visitor.

    Parameters
    ----------
    asked
        Chosen with the switch just now.
    kept
        Chosen with the switch before.
    accepted
        The Accept-Language header.
    """
    for choice in (asked, kept):
        if choice in LANGUAGES:
            return str(choice)
    return negotiate_locale(_preferred(accepted), LANGUAGES, sep="-") or DEFAULT


def _preferred(accepted: str) -> list[str]:
    """The languages of an Accept-Language header in small letters, the one with most weight first.

    A tag means the same in either case, but `negotiate_locale` returns it as it was asked for.
    """
    entries = [match for match in map(_ACCEPTED.fullmatch, accepted.lower().split(",")) if match]
    weights = {match["language"]: float(match["weight"] or 1) for match in entries}
    wanted = [language for language, weight in weights.items() if weight > 0]
    return sorted(wanted, key=lambda language: -weights[language])
