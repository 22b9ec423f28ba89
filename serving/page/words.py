"""The words of the page in each language: English in the sources, others in gettext catalogues."""

from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "pl")
DEFAULT = "en"

SCRIPT_WORDS: Mapping[str, str] = {
    "anger": "Anger",
    "disgust": "Disgust",
    "fear": "Fear",
    "joy": "Joy",
    "sadness": "Sadness",
    "surprise": "Surprise",
    "valence": "Tone",
    "valence_low": "negative",
    "valence_high": "positive",
    "arousal": "Arousal",
    "overall": "Overall",
    "interval": "{low} to {high}",
    "percentile_account": "Further than {value} of 100 posts of this account",
    "percentile_reference": "Further than {value} of 100 posts of other accounts",
    "percentile_range": "Nine times in ten between {low} and {high}.",
    "population_account": "The measure is the last {size} posts of this account.",
    "population_reference": "The measure is {size} posts of other accounts, each by its own "
    "account's standard.",
    "odds": "{odds} to beat the usual post",
    "odds_even": "As likely as not",
    "odds_in": "About {a} in {b}",
    "odds_sure": "Almost certain",
    "odds_never": "Very unlikely",
    "expected": "Expected shares: {value}, between {low} and {high}.",
    "reason_text": "What the text says",
    "reason_surface": "Length, emoji, hashtags, links",
    "reason_clock": "When it goes out",
    "reason_history": "How the account has been doing",
    "reason_context": "Platform and audience",
    "reason_format": "Media type",
    "reason_emotion": "What it makes people feel",
    "reason_start": "Where every post starts from",
    "refused": "No forecast for this one",
    "waiting": "Scoring…",
    "characters": "{n} characters",
    "drafts_found": "{n} drafts found",
    "away": "The service does not answer. Trying again…",
    "busy": "The service is busy. Trying again in {n} s…",
    "starting": "The models are still loading. Trying again…",
    "failed": "That did not work: {detail}",
    "versions": "Emotion model {emotion}, share model {share}",
    "close": "too close to call",
    "ahead": "{odds} to beat the next one",
    "best": "{n}% to be the best",
    "tier": "Tier {n}",
    "unscored": "Not scored",
    "need_two": "Put in at least two drafts.",
    "too_many": "At most {n} drafts at once.",
    "note_too_short": "There are too few words here to go by. Links, mentions and emoji alone do "
    "not tell: write at least a short sentence.",
    "note_unsupported_language": "The model has not learnt this language. If it was mistaken, set "
    "the language under “More”.",
    "note_out_of_distribution": "This is unlike any post that the model has learnt from, so a "
    "forecast would be a guess. Plain running text of a post works best.",
    "note_no_history": "No account was given, or none of its earlier posts are known: the place is "
    "among posts of other accounts.",
    "note_thin_history": "Too few earlier posts of this account are known yet, so the place is "
    "among posts of other accounts.",
    "note_unknown_time": "No planned time: an average of hours and days is assumed.",
    "note_unknown_platform": "No platform chosen: an average of all is assumed.",
    "note_language_uncertain": "The language is not clear from the text. Set it under “More” for "
    "a surer forecast.",
    "note_language_unmeasured": "In this language the strength of emotion was learnt without human "
    "ratings: trust the order of posts more than the figures.",
    "note_long_text": "The text is long: only its beginning was read.",
    "note_history_unavailable": "Past posts cannot be read right now; this was scored without "
    "them.",
    "note_mixed_accounts": "The drafts are of several accounts: each is measured by its own "
    "standard.",
}
"""What the scripts say; `{…}` is filled in by them."""


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


def script_words(language: str) -> dict[str, str]:
    """Return what the scripts say, in a language."""
    translate = catalogue(language).gettext
    return {key: translate(words) for key, words in SCRIPT_WORDS.items()}


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
    preferred = [entry.split(";")[0].strip() for entry in accepted.split(",")]
    return negotiate_locale(preferred, LANGUAGES, sep="-") or DEFAULT
