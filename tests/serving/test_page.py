import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fastapi.testclient import TestClient
from jinja2 import Environment

from models import grounds, scorer
from serving import pasts
from serving.page import words

PAGE = Path(str(files("serving.page")))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("pl-PL,pl;q=0.9,en;q=0.8", "pl"),
        ("en-US,en;q=0.9,pl;q=0.8", "en"),
        ("de-DE,pl;q=0.5", "pl"),
        ("de", "en"),
        ("", "en"),
        ("*", "en"),
        (";;,,é", "en"),
    ],
)
def test_the_page_speaks_the_browsers_language(accepted: str, language: str) -> None:
    assert words.choose(None, None, accepted) == language


def test_the_switch_wins_and_is_kept(client: TestClient) -> None:
    polish = client.get("/?lang=pl", headers={"Accept-Language": "en"})
    assert '<html lang="pl">' in polish.text
    assert "Twój szkic" in polish.text
    assert '<html lang="pl">' in client.get("/rank", headers={"Accept-Language": "en"}).text
    assert '<html lang="en">' in client.get("/?lang=en").text
    client.cookies.clear()


def test_a_language_that_is_not_there_is_not_kept(client: TestClient) -> None:
    answer = client.get("/?lang=xx")
    assert '<html lang="en">' in answer.text
    assert "set-cookie" not in answer.headers


def test_every_word_of_the_page_is_in_polish() -> None:
    with (PAGE / "locale/pl/LC_MESSAGES/messages.po").open("rb") as stream:
        polish = read_po(stream)
    environment = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True)
    wanted = set(words.SCRIPT_WORDS.values())
    for template in (PAGE / "templates").glob("*.html"):
        found = environment.extract_translations(template.read_text("utf-8"))  # type: ignore[attr-defined]
        wanted |= {message for _, _, message in found}
    known = {str(message.id) for message in polish if message.id and message.string}
    assert wanted - known == set()
    assert known - wanted == set()


def test_translations_keep_the_places_for_values() -> None:
    places = re.compile(r"\{\w+\}")
    polish = words.script_words("pl")
    for key, english in words.SCRIPT_WORDS.items():
        assert sorted(places.findall(english)) == sorted(places.findall(polish[key])), key


def test_every_note_has_words_on_the_page() -> None:
    codes: set[str] = set()
    for module in (grounds, scorer, pasts):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Note":
                codes.add(ast.literal_eval(node.args[0]))
    assert {f"note_{code}" for code in codes} <= words.SCRIPT_WORDS.keys()
    assert len(codes) >= 9


def test_every_word_that_a_script_asks_for_exists() -> None:
    for script in (PAGE / "static").glob("*.js"):
        source = script.read_text("utf-8")
        for key in re.findall(r'say\("(\w+)"|words\.(\w+)', source):
            assert (key[0] or key[1]) in words.SCRIPT_WORDS, (script.name, key)


@pytest.mark.parametrize("path", ["/", "/rank"])
def test_pages_are_whole_light_and_of_one_host(client: TestClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page.text)
    assert not re.search(r"\son\w+=|style=", page.text)
    weight = len(page.content)
    assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assets |= {"/static/common.js", "/static/pictures.js"}
    for asset in assets:
        answer = client.get(asset)
        assert answer.status_code == 200, asset
        weight += len(answer.content)
    assert weight < 200_000
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)


def test_pages_answer_head_requests(client: TestClient) -> None:
    assert client.head("/").status_code == 200
