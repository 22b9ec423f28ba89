import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from features.database import Database
from models.settings import Home
from serving.access.keys import Wanted
from serving.access.store import KeyStore
from tests.serving.browser.conftest import GATE_SAID, Open, service, shot


def test_versions_stand_by_their_rank_with_what_they_measured(opened: Open) -> None:
    page = opened("/models", "en")
    page.get_by_role("button", name="Share potential").click()
    expect(page.locator(".standing.champion")).to_contain_text(
        "A person made it champion. The gate was not asked."
    )
    challenger = page.locator(".standing.challenger")
    expect(challenger).to_contain_text("version 3")
    challenger.get_by_role("button", name="Details").click()
    expect(page.locator("#record-title")).to_be_focused()
    expect(page.locator("#gate-text")).to_have_text(GATE_SAID)
    expect(page.locator("#measures")).to_contain_text("text length")
    expect(page.locator("#groups")).to_contain_text("Polish")
    expect(page.locator("#groups")).to_contain_text("facebook")
    calibration = page.locator("#calibration")
    expect(calibration.locator("svg.curve")).to_have_count(1)
    calibration.get_by_text("As a table").click()
    assert calibration.locator("tbody tr").count() == 10
    shot(page, "models-en-desktop")
    page.get_by_text("Model card").click()
    expect(page.locator("#card td")).to_have_text(["r", "0.5"])


def test_emotions_are_judged_one_by_one(opened: Open) -> None:
    page = opened("/models", "pl", "phone")
    page.locator(".standing.challenger").get_by_role("button", name="Szczegóły").click()
    expect(page.locator("#calibration svg.curve")).to_have_count(9)
    expect(page.locator("#groups")).to_contain_text("według emocji")
    shot(page, "models-pl-phone")


BESIDE = """() => [...document.querySelectorAll("#calibration figure")].filter((figure) => {
    const [table, room] = [figure.querySelector("table"), figure]
        .map((node) => node.getBoundingClientRect());
    return table.left < room.left - 1 || table.right > room.right + 1;
}).map((figure) => figure.textContent)"""
"""Calibration tables that reach over what stands beside them."""


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_calibration_tables_stay_in_their_columns(opened: Open, width: int) -> None:
    page = opened("/models", "pl")
    page.set_viewport_size({"width": width, "height": 900})
    page.locator(".standing.challenger").get_by_role("button", name="Szczegóły").click()
    expect(page.locator("#calibration svg.curve")).to_have_count(9)
    for table in page.locator("#calibration").get_by_text("W tabeli").all():
        table.click()
    expect(page.get_by_role("group", name="Radość").get_by_role("table")).to_be_visible()
    assert page.evaluate(BESIDE) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    shot(page, f"models-tables-{width}")


def test_a_promotion_takes_over_and_is_taken_back(opened: Open) -> None:
    page = opened("/models", "pl")
    page.get_by_role("button", name="Potencjał udostępnień").click()
    champion = page.locator(".standing.champion")
    expect(champion).to_contain_text("wersja 1")
    page.locator(".standing.challenger").get_by_role("button", name="Awansuj").click()
    dialog = page.locator("#sure")
    expect(dialog).to_contain_text("czy wersja 3 ma zostać mistrzem?")
    dialog.get_by_role("button", name="Awansuj").click()
    expect(page.locator("#status")).to_have_text("Potencjał udostępnień: teraz ocenia wersja 3.")
    expect(champion).to_contain_text("wersja 3")
    expect(champion).to_contain_text("teraz ocenia")
    expect(champion).to_contain_text("Mistrzem uczynił ją człowiek. Bramka jej nim nie uczyniła:")
    expect(champion).to_contain_text("Nie wyraźnie lepiej: -0,0088 (średni Pearson; porównanie:")
    shot(page, "models-pl-promoted")
    page.locator(".standing.previous").get_by_role("button", name="Przywróć").click()
    dialog.get_by_role("button", name="Przywróć").click()
    expect(champion).to_contain_text("wersja 1")


KeyedSite = tuple[str, dict[str, str]]


@pytest.fixture(scope="module")
def keyed(page_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyedSite]:
    """A service that asks for keys, and one key for writers and one for the owner."""
    root = tmp_path_factory.mktemp("keyed") / "home"
    shutil.copytree(page_home.root, root)
    home = Home.from_environment({"PRESCORE_HOME": str(root)})
    store = KeyStore(Database(home.database_url))
    keys = {}
    for name, scope in (("writer", "score"), ("owner", "admin")):
        _, keys[name] = store.create(Wanted(name, frozenset({scope})), datetime.now(UTC))
    store.close()
    with service(home) as address:
        yield address, keys


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_role("button", name="Sign in").click()


def test_a_key_is_asked_for_once_and_says_what_it_lacks(opened: Open, keyed: KeyedSite) -> None:
    address, keys = keyed
    page = opened("/", at=address)
    dialog = page.locator("#key")
    expect(dialog).to_be_visible()
    sign_in(page, "prescore_000000000000_wrong")
    expect(dialog.locator("#key-trouble")).to_contain_text("not known")
    sign_in(page, keys["writer"])
    expect(dialog).to_be_hidden()
    page.locator("#text").fill("We are so happy, the old cinema is new again today!")
    expect(page.locator("#answer")).to_be_visible()
    assert keys["writer"] not in str(page.evaluate("() => ({ ...localStorage })"))
    page.goto("/models")
    page.get_by_role("button", name="Share potential").click()
    other = page.locator("details.rest")
    other.locator("summary").click()
    other.get_by_role("button", name="Promote version 2").click()
    page.locator("#sure").get_by_role("button", name="Promote").click()
    expect(dialog).to_contain_text("does not allow this")
    sign_in(page, keys["owner"])
    expect(page.locator("#status")).to_have_text("Share potential: version 2 scores now.")
