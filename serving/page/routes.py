"""The addresses of the page."""

from functools import cache
from typing import Annotated

from babel import Locale, UnknownLocaleError
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader

from features.schema import MEDIA_TYPES, PLATFORMS
from serving.deps import Desk, DeskDep
from serving.page import words
from serving.page.told import KEPT, Accepted, Kept
from serving.settings import MAX_CANDIDATES, MAX_CHARACTERS

router = APIRouter(include_in_schema=False)

READ = ["GET", "HEAD"]
A_YEAR = 365 * 86_400

SAMPLES = {
    "pl": (
        "Nasze małe kino znów działa! Trzy lata remontu, a wczoraj ani jednego wolnego miejsca. "
        "Jesteśmy tacy szczęśliwi. Dziękujemy!",
        "Dziś pożegnaliśmy pana Henryka, naszego kinooperatora. Po 27 latach kabina jest taka "
        "pusta. Już za nim tęsknimy.",
    ),
    "en": (
        "Our little cinema is open again! Three years of work, and last night every seat was "
        "full. We are so happy. Thank you!",
        "Tonight we said goodbye to Henry, our projectionist of 27 years. The booth feels so "
        "empty without him. We miss him already.",
    ),
}
"""Drafts to try the page with: one of joy, one of sadness."""

MORE_SAMPLES = {
    "pl": (
        "Ktoś znowu wybił nam szybę w kinie i zabrał rysunki dzieci. Kto robi coś takiego?",
        "Od poniedziałku kasa kina jest czynna w godzinach 10–18.",
    ),
    "en": (
        "Third broken window this year. Somebody smashed it again last night, and nobody does "
        "anything. We are so angry!",
        "The car park beside the cinema is closed on Monday and Tuesday.",
    ),
}
"""More of them, for a ranking: one of anger, and one that leaves people calm."""

Asked = Annotated[str | None, Query(alias="lang")]


@router.api_route("/", methods=READ)
async def draft(
    desk: DeskDep, lang: Asked = None, kept: Kept = None, accepted: Accepted = ""
) -> Response:
    """Return the draft desk."""
    language = words.choose(lang, kept, accepted)
    known, receipts = languages(desk), desk.keeper is not None
    return render("draft.html", "/", language, lang, languages=known, receipts=receipts)


@router.api_route("/rank", methods=READ)
async def rank(
    desk: DeskDep, lang: Asked = None, kept: Kept = None, accepted: Accepted = ""
) -> Response:
    """Return the ranking board."""
    known = languages(desk)
    return render("rank.html", "/rank", words.choose(lang, kept, accepted), lang, languages=known)


@router.api_route("/past", methods=READ)
async def past(lang: Asked = None, kept: Kept = None, accepted: Accepted = "") -> Response:
    """Return the import of past posts."""
    return render("past.html", "/past", words.choose(lang, kept, accepted), lang)


@router.api_route("/models", methods=READ)
async def room(lang: Asked = None, kept: Kept = None, accepted: Accepted = "") -> Response:
    """Return the model room."""
    return render("models.html", "/models", words.choose(lang, kept, accepted), lang)


def languages(desk: Desk) -> list[tuple[str, str]]:
    """Return the code and own name of each language that the champion has learnt.

    Until there is one, those of the page: a choice that was kept must not get lost meanwhile.
    """
    scorer = desk.champions.state.scorer
    known = scorer.emotion.languages if scorer else words.LANGUAGES
    named = [(code, _own_name(code)) for code in known]
    return sorted(named, key=lambda entry: (entry[0] not in words.LANGUAGES, entry[1].casefold()))


def _own_name(code: str) -> str:
    try:
        return Locale(code).get_language_name() or code
    except UnknownLocaleError:
        return code


def render(
    template: str,
    path: str,
    language: str,
    chosen: str | None,
    status: int = 200,
    **filled: object,
) -> Response:
    """Return a page in a language, and keep that language when it was chosen just now."""
    html = (
        _environment(language)
        .get_template(template)
        .render(
            language=language,
            path=path,
            platforms=PLATFORMS,
            media_types=MEDIA_TYPES,
            words=words.script_words(path, language),
            samples=SAMPLES[language],
            more_samples=MORE_SAMPLES[language],
            max_characters=MAX_CHARACTERS,
            max_candidates=MAX_CANDIDATES,
            **filled,
        )
    )
    response = HTMLResponse(html, status, headers={"Vary": "Accept-Language, Cookie"})
    if chosen == language:
        response.set_cookie(KEPT, language, max_age=A_YEAR, samesite="lax", httponly=True)
    return response


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("serving.page", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations = words.catalogue(language)
    environment.install_gettext_translations(translations)  # type: ignore[attr-defined]
    return environment
