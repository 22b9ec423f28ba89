import ast
import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from fastapi.testclient import TestClient
from jinja2 import Environment

from features.tables.headers import LONG, NO_HEADERS, Listing
from models.packaging import STARTER
from models.registry import ENCODER_PATH
from models.shipped import SHIPPED
from serving import pasts
from serving.app import create_app
from serving.deps import Desk
from serving.page import words
from serving.page.gate_words import TEMPLATES, WORDS
from serving.page.routes import languages
from serving.page.script_words import ALL, BY_VIEW
from serving.settings import Settings
from tests.serving.conftest import NoStore
from tests.serving.standins import TinyRegistry

PAGE = Path(str(files("serving.page")))
ONLY_TYPED = ("STDIN_NAME", "no such file", "--encoding such", "no labels", "no sheet", "bad rows")
"""Of errors that nobody meets on the page, which reads no streams and takes no options."""

SCRIPTS = {"/": "draft.js", "/rank": "rank.js", "/past": "past.js", "/models": "room.js"}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("pl-PL,pl;q=0.9,en;q=0.8", "pl"),
        ("en-US,en;q=0.9,pl;q=0.8", "en"),
        ("de-DE,pl;q=0.5", "pl"),
        ("en;q=0.1,pl;q=0.9", "pl"),
        ("en; q=0.80, pl; Q=0.9", "pl"),
        ("en;q=0,pl;q=0.1", "pl"),
        ("pl;q=0", "en"),
        ("pl;q=no,en;q=0.1", "en"),
        ("pl, en", "pl"),
        ("PL-PL", "pl"),
        ("PL;q=0.9, En-gb;q=0.8", "pl"),
        ("EN-GB", "en"),
        ("de", "en"),
        ("", "en"),
        ("*", "en"),
        (";;,,é", "en"),
    ],
)
def test_the_page_speaks_the_browsers_language(accepted: str, language: str) -> None:
    assert words.choose(None, None, accepted) == language


def test_a_browser_may_shout_its_language(client: TestClient) -> None:
    answer = client.get("/", headers={"Accept-Language": "PL-PL"})
    assert answer.status_code == 200
    assert '<html lang="pl"' in answer.text


def test_the_switch_wins_and_is_kept(client: TestClient) -> None:
    polish = client.get("/?lang=pl", headers={"Accept-Language": "en"})
    assert '<html lang="pl"' in polish.text
    assert "Twój szkic" in polish.text
    assert '<html lang="pl"' in client.get("/rank", headers={"Accept-Language": "en"}).text
    assert '<html lang="en"' in client.get("/?lang=en").text
    client.cookies.clear()


def test_a_language_that_is_not_there_is_not_kept(client: TestClient) -> None:
    answer = client.get("/?lang=xx")
    assert '<html lang="en"' in answer.text
    assert "set-cookie" not in answer.headers


def test_every_word_of_the_page_is_in_polish_and_none_is_in_doubt() -> None:
    with (PAGE / "locale/pl/LC_MESSAGES/messages.po").open("rb") as stream:
        polish = read_po(stream)
    environment = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True)
    wanted = {words if isinstance(words, str) else words[0] for words in ALL.values()}
    for template in (PAGE / "templates").glob("*.html"):
        found = environment.extract_translations(template.read_text("utf-8"))  # type: ignore[attr-defined]
        wanted |= {message for _, _, message in found}
    wanted |= {SHIPPED, LONG, NO_HEADERS, *TEMPLATES, *WORDS, *templates_of_errors()}
    known = {_id(message) for message in polish if message.id and _is_whole(message)}
    assert wanted - known == set()
    assert known - wanted == set()
    assert [message.id for message in polish if message.fuzzy] == []


def templates_of_errors() -> set[str]:
    """What files are refused with: every template begins with the name of the file."""
    return {
        node.value
        for source in Path(str(files("features.tables"))).glob("*.py")
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("{name}")
    }


def test_errors_of_files_are_templates() -> None:
    """A sentence that is put together where it is raised cannot be translated."""
    for source in Path(str(files("features.tables"))).glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TableError":
                whole = ast.unparse(node.args[0])
                assert not whole.startswith("f") or any(word in whole for word in ONLY_TYPED), whole


def _id(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def _is_whole(message: Message) -> bool:
    """Whether every form has words; Polish counts in three."""
    forms = message.string
    return all(forms) and len(forms) == 3 if isinstance(forms, tuple) else bool(forms)


def test_plurals_are_those_of_the_language() -> None:
    polish = words.script_words("/", "pl")["posts"]
    assert polish == {
        "one": "{n} post",
        "few": "{n} posty",
        "many": "{n} postów",
        "other": "{n} posty",
    }
    assert words.script_words("/", "en")["posts"] == {"one": "{n} post", "other": "{n} posts"}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_heads_of_an_exported_ranking_are_named_where_it_is_read_back(language: str) -> None:
    heads = str(words.script_words("/rank", language)["sheet_heads"]).split("|")
    assert len(heads) == 22
    assert [str(Listing((head,))) for head in heads] == [repr(head) for head in heads]


def test_translations_keep_the_places_for_values() -> None:
    places = re.compile(r"\{\w+\}")
    for path in BY_VIEW:
        polish, english = (words.script_words(path, language) for language in ("pl", "en"))
        for key, said in english.items():
            wanted = set(places.findall(str(said)))
            assert set(places.findall(str(polish[key]))) == wanted, key


def test_what_is_said_of_long_texts_is_true_of_the_shipped_encoder() -> None:
    """128 tokens are about 420 characters of Polish and 470 of English."""
    manifest = json.loads((STARTER / ENCODER_PATH / "encoder.json").read_text())
    assert manifest["max_tokens"] == 128
    assert "about 450 characters" in str(ALL["note_long_text"])


def test_every_note_has_words_on_the_page() -> None:
    codes: set[str] = set()
    sources = [*Path(str(files("models"))).glob("*.py"), Path(str(pasts.__file__))]
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Note":
                codes.add(ast.literal_eval(node.args[0]))
    assert {f"note_{code}" for code in codes} <= ALL.keys()
    assert len(codes) >= 12


def test_every_word_that_a_script_asks_for_is_sent_to_its_view() -> None:
    for path, first in SCRIPTS.items():
        said = words.script_words(path, "en")
        for script in _imported(first):
            source = (PAGE / "static" / script).read_text("utf-8")
            for key in re.findall(r'say\("(\w+)"|\bwords\.(?!js)(\w+)', source):
                assert (key[0] or key[1]) in said, (path, script, key)


def test_every_script_is_used_by_a_view() -> None:
    used = {script for first in SCRIPTS.values() for script in _imported(first)}
    alone = {"theme.js", "docs.js"}
    assert {path.name for path in (PAGE / "static").glob("*.js")} == used | alone


def _imported(script: str) -> set[str]:
    found: set[str] = set()
    waiting = {script}
    while waiting:
        name = waiting.pop()
        found.add(name)
        source = (PAGE / "static" / name).read_text("utf-8")
        waiting |= set(re.findall(r'from "\./([\w-]+\.js)"', source)) - found
    return found


@pytest.mark.parametrize(("path", "script"), SCRIPTS.items())
def test_pages_are_whole_light_and_of_one_host(client: TestClient, path: str, script: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page.text)
    assert not re.search(r"\son\w+=|style=", page.text)
    weight = len(page.content)
    assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assert f"/static/{script}" in assets
    assets |= {f"/static/{name}" for name in _imported(script)}
    for asset in assets:
        answer = client.get(asset)
        assert answer.status_code == 200, asset
        weight += len(answer.content)
    assert weight < 200_000
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)


@pytest.mark.parametrize(("days", "said"), [(None, "keeps nothing"), (30, "keeps what it scored")])
def test_the_desk_says_who_keeps_a_draft(settings: Settings, days: int | None, said: str) -> None:
    app = create_app(replace(settings, receipt_days=days), TinyRegistry, NoStore)
    with TestClient(app) as client:
        assert said in client.get("/?lang=en").text


def test_pages_answer_head_requests(client: TestClient) -> None:
    assert client.head("/").status_code == 200


HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "pl"}


def test_a_mistyped_address_is_a_page_for_people(client: TestClient) -> None:
    answer = client.get("/ranking", headers=HTML)
    assert answer.status_code == 404
    assert '<html lang="pl"' in answer.text
    assert "Pod tym adresem nic nie ma" in answer.text
    assert '<a class="button" href="/">' in answer.text


@pytest.mark.parametrize("path", ["/ranking", "/v1/ranking", "/static/none.js"])
def test_a_mistyped_address_is_a_problem_for_programs(client: TestClient, path: str) -> None:
    headers = {} if path == "/ranking" else HTML
    answer = client.get(path, headers=headers)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/rank"])
def test_the_languages_to_choose_are_those_of_the_champion(client: TestClient, path: str) -> None:
    app: Any = client.app
    known = app.state.desk.champions.scorer.emotion.languages
    menu = client.get(path).text.split('<select name="language">')[1].split("</select>")[0]
    offered = re.findall(r'<option value="(\w+)" lang="\w+">(.+)</option>', menu)
    assert {code for code, _ in offered} == set(known)
    assert dict(offered)["pl"] == "polski"


def test_a_language_without_a_name_goes_by_its_code() -> None:
    emotion = SimpleNamespace(languages=frozenset({"zh", "pt", "en", "qq"}))
    state = SimpleNamespace(scorer=SimpleNamespace(emotion=emotion))
    desk = cast("Desk", SimpleNamespace(champions=SimpleNamespace(state=state)))
    assert languages(desk) == [("en", "English"), ("pt", "português"), ("qq", "qq"), ("zh", "中文")]
