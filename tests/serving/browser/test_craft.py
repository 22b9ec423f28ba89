import re
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from tests.serving.browser.conftest import SIZES, Language, Open, shot

TEXT = "we love the new sale today"
LINES = "Today we open the new cinema.\nThe programme is on the website.\nNobody was sad."
VIEWS = ("/", "/rank", "/past", "/models")
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
MOST_BYTES = 200_000


def in_use(page: Page, path: str) -> None:
    """Bring a view to where it shows all that it has."""
    if path == "/":
        page.locator("[name=platform]").select_option("facebook")
        page.locator("[name=account_id]").fill("kino")
        page.locator("#text").fill(TEXT)
        page.locator("#versions-of .add").click()
        page.locator("#text").fill(TEXT + " great win!")
        expect(page.locator("#duel")).to_be_visible()
        for card in ("#phrases", "#when", "#similar"):
            page.locator(card).scroll_into_view_if_needed()
            expect(page.locator(f"{card} .skeleton")).to_have_count(0)
    elif path == "/rank":
        page.locator("#texts").fill(LINES)
        page.locator("#go").click()
        expect(page.locator("#ranking")).to_be_visible()
        for box in page.locator(".pick input").all()[:2]:
            box.check()
        expect(page.locator("#pair-body mark, #pair-body dl").first).to_be_visible()
    elif path == "/models":
        page.locator(".standing.challenger button").first.click()
        expect(page.locator("#measures")).to_be_visible()
    else:
        expect(page.locator("#known table")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", VIEWS)
def test_axe_finds_nothing(opened: Open, path: str, theme: Literal["light", "dark"]) -> None:
    language: Language = "pl" if theme == "dark" else "en"
    size = "phone" if theme == "dark" else "desktop"
    page = opened(path, language, size, theme)
    in_use(page, path)
    found = Axe().run(page, options=WCAG)
    assert found.response["violations"] == [], found.generate_report()
    shot(page, f"all-{path.strip('/') or 'draft'}-{language}-{size}-{theme}")


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize(("width", "height"), [(640, 450), (320, 640)])
def test_a_magnified_page_scrolls_one_way_only(
    opened: Open, path: str, width: int, height: int
) -> None:
    page = opened(path, "pl")
    page.set_viewport_size({"width": width, "height": height})
    in_use(page, path)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_the_keyboard_alone_does_everything_on_the_desk(opened: Open) -> None:
    page = opened("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "#text")
    page.keyboard.type(TEXT)
    expect(page.locator("#answer")).to_be_visible()
    tab_to(page, "[name=platform]")
    page.keyboard.type("Face")
    assert page.locator("[name=platform]").input_value() == "facebook"
    page.keyboard.press("Shift+Tab")
    tab_back_to(page, "#versions-of .add")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(" Who comes?")
    expect(page.locator("#duel")).to_be_visible()


def test_the_keyboard_alone_does_everything_on_the_board(opened: Open) -> None:
    page = opened("/rank")
    tab_to(page, "#texts")
    page.keyboard.type(LINES)
    tab_to(page, "#go")
    page.keyboard.press("Enter")
    expect(page.locator("#ranking")).to_be_visible()
    for place in (0, 1):
        tab_to(page, f".pick input >> nth={place}")
        page.keyboard.press("Space")
    expect(page.locator("#pair")).to_be_visible()


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press a key until an element has the focus; every stop on the way must be seen."""
    wanted = page.locator(selector)
    for _ in range(60):
        page.keyboard.press(key)
        assert page.evaluate(SEEN), page.evaluate("() => document.activeElement.outerHTML")[:200]
        if wanted.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"{key} never comes to {selector}")


def tab_back_to(page: Page, selector: str) -> None:
    tab_to(page, selector, "Shift+Tab")


# The element with the focus, or what stands for it on the screen, has an outline.
SEEN = """() => {
    const at = document.activeElement;
    const shown = [at, at.nextElementSibling, at.closest("label")].filter(Boolean);
    const outlined = (node) => getComputedStyle(node).outlineStyle !== "none";
    return at === document.body || shown.some(outlined);
}"""


def test_the_service_goes_away_and_comes_back_by_itself(opened: Open) -> None:
    page = opened("/", "pl")
    page.locator("#text").fill(TEXT)
    expect(page.locator("#answer")).to_be_visible()
    page.context.set_offline(True)
    page.locator("#text").press_sequentially(" is a sad loss")
    expect(page.locator("#status")).to_have_text("Usługa nie odpowiada. Próbuję ponownie…")
    expect(page.locator("#answer")).to_be_visible()
    shot(page, "draft-away")
    before = page.locator("#emotion-picture").inner_text()
    page.context.set_offline(False)
    expect(page.locator("#status")).to_be_empty()
    expect(page.locator("#emotion-picture")).not_to_have_text(before, use_inner_text=True)


def test_a_busy_service_is_waited_for(opened: Open) -> None:
    page = opened("/")
    busy = {"status": 429, "headers": {"Retry-After": "1"}, "json": {"detail": "Too much."}}
    page.route("**/v1/score", lambda route: route.fulfill(**busy), times=1)
    page.locator("#text").fill(TEXT)
    expect(page.locator("#status")).to_have_text("The service is busy. Trying again in 1 second…")
    expect(page.locator("#answer")).to_be_visible()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("models-loading", "Modele jeszcze się wczytują. Próbuję ponownie…"),
        ("database-failed", "Baza danych zawiodła. Próbuję ponownie…"),
        ("unavailable", "Usługa nie może teraz na to odpowiedzieć. Próbuję ponownie…"),
        (None, "Usługa nie może teraz na to odpowiedzieć. Próbuję ponownie…"),
    ],
)
def test_what_is_waited_for_is_told(opened: Open, code: str | None, told: str) -> None:
    page = opened("/", "pl")
    problem: dict[str, Any] = {
        "json": {"type": f"urn:prescore:problem:{code}", "detail": "Something."}
    }
    away = problem if code else {"body": "<h1>503</h1>"}
    page.route("**/v1/score", lambda route: route.fulfill(status=503, **away), times=1)
    page.locator("#text").fill(TEXT)
    expect(page.locator("#status")).to_have_text(told)
    expect(page.locator("#answer")).to_be_visible()


def test_a_slow_line_still_gets_there(opened: Open) -> None:
    page = opened("/past")
    line = page.context.new_cdp_session(page)
    slow: dict[str, Any] = {"offline": False, "latency": 300}
    rates = {"downloadThroughput": 50_000, "uploadThroughput": 20_000}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", slow | rates)
    page.goto("/")
    page.locator("#text").fill(TEXT)
    expect(page.locator("#answer")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("path", VIEWS)
def test_a_view_is_light_and_of_one_host(opened: Open, path: str, site: str) -> None:
    page = opened("about:blank")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{site}{path}")
    page.wait_for_load_state("networkidle")
    assert {answer.url.split("/")[2] for answer in answers} == {site.split("/")[2]}
    kept = [answer for answer in answers if not re.search("/v1/", answer.url)]
    assert sum(len(answer.body()) for answer in kept) < MOST_BYTES
    assert len(kept) > 3


def test_motion_stops_for_those_who_ask(opened: Open) -> None:
    page = opened("/", reduced_motion="reduce")
    page.locator("#answers").evaluate("node => node.setAttribute('aria-busy', 'true')")
    moving = "node => getComputedStyle(node).transitionDuration"
    assert page.locator("#answer").evaluate(moving) == "0s"


def test_the_language_is_switched_and_kept(opened: Open) -> None:
    page = opened("/rank", "pl")
    expect(page.locator("html")).to_have_attribute("lang", "pl")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("button", name="Rank", exact=True)).to_be_visible()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_theme_is_switched_and_kept(opened: Open) -> None:
    page = opened("/", theme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.goto("/models")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("path", VIEWS)
def test_a_view_greets_whoever_opens_it(
    opened: Open, path: str, language: Language, size: str
) -> None:
    page = opened(path, language, size)
    expect(page.locator("h1")).to_have_count(1)
    promise = {"pl": "nie obietnica", "en": "not a promise"}[language]
    expect(page.locator("footer")).to_contain_text(promise)
    shot(page, f"empty-{path.strip('/') or 'draft'}-{language}-{size}")
