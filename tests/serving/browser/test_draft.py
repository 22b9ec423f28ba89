import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from models.grounds import LETTERS_NEEDED
from serving.settings import MAX_CHARACTERS
from tests.serving.browser.conftest import Language, Open, shot

TEXT = {
    "pl": "dziś super radość, kocham nie smutek i nie strach",
    "en": "we love the new sale today, a great win is no loss",
}
"""Of words that the tiny encoder knows, so that every one of them changes the forecast."""

BEGINNING = 17
USUAL = {
    "pl": "przebije zwykły post takiego konta",
    "en": "to beat the usual post of such an account",
}


def fill_fields(page: Page) -> None:
    page.get_by_label(re.compile("Platform")).select_option("facebook")
    page.get_by_label(re.compile("Account|Konto")).fill("kino")


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_score_follows_the_typing(opened: Open, language: Language, size: str) -> None:
    page = opened("/", language, size)
    text = page.locator("#text")
    text.press_sequentially(TEXT[language][:BEGINNING])
    expect(page.locator("#odds")).to_contain_text(USUAL[language])
    first = page.locator("#emotion-picture").inner_text()
    text.press_sequentially(TEXT[language][BEGINNING:])
    expect(page.locator("#emotion-picture")).not_to_have_text(first, use_inner_text=True)
    assert text.input_value() == TEXT[language]
    assert text.evaluate("box => [box.selectionStart, box === document.activeElement]") == [
        len(TEXT[language]),
        True,
    ]
    # Those who listen hear what the picture shows, in one sentence.
    expect(page.locator("#heard")).to_contain_text(USUAL[language])
    shot(page, f"draft-{language}-{size}")


def test_odds_are_chances_of_something(opened: Open) -> None:
    def told(answer: dict[str, Any]) -> None:
        answer["share"].update(beats_median=0.6, percentile={"value": 55, "low": 8, "high": 97})

    page = opened("/", "pl", "phone")
    answered(page, told)
    page.locator("#text").fill(TEXT["pl"])
    expect(page.locator("#glance-odds")).to_have_text(
        "Mniej więcej 3 szanse na 5, że przebije zwykły post"
    )
    expect(page.locator("#share-text")).to_contain_text("dalej niż od 8 do 97 na 100")
    fill_fields(page)
    expect(page.locator("#odds")).to_have_text(
        "Mniej więcej 3 szanse na 5, że przebije Twój zwykły post"
    )


def test_an_older_answer_never_replaces_a_newer_one(opened: Open) -> None:
    page = opened("/")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/v1/score", hold_the_first)
    with page.expect_request("**/v1/score"):
        page.locator("#text").fill("This was the first thought of today.")
    page.locator("#text").fill(TEXT["en"])
    expect(page.locator("#answer")).to_be_visible()
    shown = page.locator("#emotion-picture").inner_text()
    held[0].abort()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert page.locator("#emotion-picture").inner_text() == shown
    expect(page.locator("#status")).to_be_empty()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_without_a_service_the_older_answer_pales_and_says_so(opened: Open, size: str) -> None:
    page = opened("/", "pl", size)
    text = page.locator("#text")
    text.fill(TEXT["pl"])
    expect(page.locator("#answer")).to_be_visible()
    page.context.set_offline(True)
    text.press_sequentially(" nie")
    expect(page.locator("#older span")).to_have_text("To ocena wcześniejszego tekstu.")
    expect(page.locator("#answer")).to_have_css("opacity", "0.4")
    expect(page.locator("#glance")).to_be_hidden()
    expect(page.locator("#status")).to_be_in_viewport()
    shot(page, f"draft-older-{size}")
    page.context.set_offline(False)
    expect(page.locator("#older span")).to_be_hidden()
    expect(page.locator("#answer")).to_have_css("opacity", "1")


def test_a_slow_answer_leaves_the_older_one_said_to_be_old(opened: Open) -> None:
    page = opened("/")
    page.locator("#text").fill(TEXT["en"])
    expect(page.locator("#answer")).to_be_visible()
    held: list[Route] = []
    page.route("**/v1/score", lambda route: held.append(route), times=1)
    page.locator("#text").press_sequentially("!")
    expect(page.locator("#older span")).to_be_visible()
    expect(page.locator("#answers")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(page.locator("#older span")).to_be_hidden()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_refused_field_is_marked_where_it_stands(opened: Open, size: str) -> None:
    page = opened("/", "pl", size)
    page.locator("#text").fill(TEXT["pl"])
    expect(page.locator("#answer")).to_be_visible()
    page.get_by_text("Więcej", exact=True).click()
    followers = page.get_by_label("Obserwujący")
    followers.fill("-3")
    told = page.locator("#fault-followers")
    expect(told).to_contain_text("0 lub więcej")
    expect(told).to_be_in_viewport()
    expect(followers).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#status")).to_contain_text("Obserwujący")
    expect(page.locator("#older span")).to_be_visible()
    shot(page, f"draft-fault-{size}")
    followers.fill("3")
    expect(told).to_have_count(0)
    expect(page.locator("#status")).to_be_empty()
    expect(page.locator("#older span")).to_be_hidden()


def test_the_place_among_ones_own_posts_is_drawn_and_told(opened: Open) -> None:
    page = opened("/", "pl")
    fill_fields(page)
    page.locator("#text").fill(TEXT["pl"])
    picture = page.locator("#share-picture svg.swarm")
    expect(picture).to_be_visible()
    assert picture.get_attribute("aria-hidden") == "true"
    assert picture.locator("circle.past").count() == 40
    page.locator("#share-picture summary").click()
    assert page.locator("#share-picture tbody tr").count() == 40
    expect(page.locator("#share-text")).to_contain_text("40 ostatnich postów tego konta")
    expect(page.locator("#share-text")).to_contain_text("dziewięć razy na dziesięć")


def test_every_emotion_stands_in_words_with_its_doubt(opened: Open) -> None:
    page = opened("/")
    page.locator("#text").fill(TEXT["en"])
    rows = page.locator("#emotion-picture dt")
    expect(rows).to_have_count(9)
    told = page.locator("#emotion-picture .number").all_inner_texts()
    assert all(re.fullmatch(r"−?[\d.]+\s+−?[\d.]+ to −?[\d.]+", number) for number in told), told
    assert page.locator("#emotion-picture svg:not([aria-hidden=true])").count() == 0


def test_the_whole_of_the_feeling_does_not_read_as_a_sum(opened: Open) -> None:
    page = opened("/", "pl")
    page.locator("#text").fill(TEXT["pl"])
    expect(page.locator("#emotion-picture dt").first).to_have_text("Ogólna siła")


def answered(page: Page, change: Callable[[dict[str, Any]], None]) -> None:
    """Change what the service answers before the page gets it."""

    def change_it(route: Route) -> None:
        answer = route.fetch().json()
        change(answer)
        route.fulfill(json=answer)

    page.route("**/v1/score", change_it)


@pytest.mark.parametrize(
    ("language", "values", "said", "glance"),
    [
        (
            "pl",
            {"disgust": 31, "anger": 29, "sadness": 26, "joy": 20},
            "Wstręt, złość lub smutek – nie da się rozstrzygnąć",
            "Wstręt / Złość / Smutek",
        ),
        ("en", {"joy": 60, "fear": 46}, "Joy or fear: too close to call", "Joy / Fear"),
        ("en", {"joy": 60, "fear": 44}, "Most of all joy, strong", "Joy 60"),
        (
            "en",
            {"joy": 30, "fear": 30, "anger": 29, "disgust": 28},
            "Several emotions, none clearly ahead",
            "Joy / Fear / Anger",
        ),
        ("en", {"joy": 11, "fear": 11}, "It leaves people calm", "Little is felt"),
        ("pl", {"fear": 20, "joy": 16}, "Mało emocji: najwyżej strach lub radość", "Mało emocji"),
        ("en", {"fear": 24}, "Little is felt: fear at most", "Little is felt"),
        (
            "en",
            {"joy": 20, "fear": 20, "anger": 19, "disgust": 19},
            "Little is felt",
            "Little is felt",
        ),
    ],
)
def test_the_strongest_emotion_is_named_alone_only_where_it_leads(
    opened: Open, language: Language, values: dict[str, int], said: str, glance: str
) -> None:
    def spread(answer: dict[str, Any]) -> None:
        for name in ("anger", "disgust", "fear", "joy", "sadness", "surprise"):
            at = values.get(name, 2) / 100
            answer["emotion"][name] = {"value": at, "low": at / 5, "high": 0.9}

    page = opened("/", language)
    answered(page, spread)
    page.locator("#text").fill(TEXT[language])
    expect(page.locator("#feeling")).to_have_text(said)
    assert page.locator("#glance-feeling").text_content() == glance


def test_emotions_whose_bands_lie_apart_are_not_close(opened: Open) -> None:
    def apart(answer: dict[str, Any]) -> None:
        for name, part in answer["emotion"].items():
            at = {"joy": 0.5, "fear": 0.4}.get(name, 0.02)
            part.update(value=at, low=at - 0.02, high=at + 0.02)

    page = opened("/")
    answered(page, apart)
    page.locator("#text").fill(TEXT["en"])
    expect(page.locator("#feeling")).to_have_text("Most of all joy, strong")


def test_no_coverage_is_claimed_where_none_was_measured(opened: Open) -> None:
    def unmeasured(answer: dict[str, Any]) -> None:
        answer["warnings"].append({"code": "language_unmeasured", "message": ""})

    page = opened("/", "pl")
    page.locator("#text").fill(TEXT["pl"])
    expect(page.locator("#band-how")).to_contain_text("dziewięć razy na dziesięć")
    answered(page, unmeasured)
    page.locator("#text").press_sequentially("!")
    expect(page.locator("#band-how")).to_contain_text("w tym języku nie zmierzono")


@pytest.mark.parametrize("account", ["", "kino"])
def test_no_coverage_of_shares_is_claimed_where_none_was_measured(
    opened: Open, account: str
) -> None:
    def unmeasured(answer: dict[str, Any]) -> None:
        answer["warnings"].append({"code": "platform_unmeasured", "message": ""})

    page = opened("/", "pl")
    page.locator("[name=platform]").select_option("facebook")
    page.locator("[name=account_id]").fill(account)
    answered(page, unmeasured)
    page.locator("#text").fill(TEXT["pl"])
    said = page.locator("#share-text")
    expect(said).to_contain_text("tego na tej platformie nie zmierzono")
    expect(said).not_to_contain_text("dziewięć razy")
    shot(page, f"draft-unmeasured-{account}")


def test_no_coverage_is_claimed_of_versions_where_none_was_measured(opened: Open) -> None:
    def unmeasured(route: Route) -> None:
        answer = route.fetch().json()
        for one in answer["candidates"]:
            one["score"]["warnings"].append({"code": "platform_unmeasured", "message": ""})
        route.fulfill(json=answer)

    page = opened("/")
    page.route("**/v1/rank", unmeasured)
    page.locator("#text").fill(TEXT["en"])
    page.get_by_role("button", name="Another version").click()
    page.locator("#text").fill(TEXT["en"] + " Who is coming?")
    expect(page.locator("#duel")).to_contain_text("has not been measured on this platform")
    expect(page.locator("#duel")).not_to_contain_text("nine times in ten")


def test_phrases_hours_and_past_posts_come_when_they_are_looked_at(opened: Open) -> None:
    def later_is_better(route: Route) -> None:
        week = route.fetch().json() | {"matters": True}
        for n, hour in enumerate(week["hours"]):
            hour["score"]["value"] = n / 168
        route.fulfill(json=week | {"best": [week["hours"][-1]["at"]]})

    page = opened("/")
    page.route("**/v1/when", later_is_better)
    fill_fields(page)
    page.locator("#text").fill("we love the new sale. the fear is a loss today! we is sad now.")
    phrases = page.locator("#phrases")
    phrases.scroll_into_view_if_needed()
    expect(phrases.locator(".marked")).to_be_visible()
    phrases.get_by_text("Fear", exact=True).click()
    expect(phrases.get_by_role("radio", name="Fear")).to_be_checked()
    phrases.locator("summary").click()
    assert phrases.locator("tbody tr").count() >= 2
    when = page.locator("#when")
    when.scroll_into_view_if_needed()
    expect(when.locator("rect.heat")).to_have_count(168)
    expect(when.locator(".best-hours button")).to_have_count(1)
    similar = page.locator("#similar")
    similar.scroll_into_view_if_needed()
    expect(similar.locator("li").first).to_contain_text("share")
    shot(page, "draft-cards")


def test_shares_are_not_called_reach(opened: Open) -> None:
    page = opened("/", "pl")
    page.locator("#text").fill(TEXT["pl"])
    page.locator("#phrases").scroll_into_view_if_needed()
    expect(page.get_by_role("radio", name="Potencjał udostępnień")).to_be_checked()
    expect(page.locator("main")).to_contain_text("Zasięg płatny")
    expect(page.locator("#answer")).not_to_contain_text("asięg")


def test_a_week_without_a_better_hour_is_not_drawn(opened: Open) -> None:
    def level(route: Route) -> None:
        route.fulfill(json=route.fetch().json() | {"matters": False, "best": []})

    page = opened("/", "pl")
    page.route("**/v1/when", level)
    page.locator("#text").fill(TEXT["pl"])
    when = page.locator("#when")
    when.scroll_into_view_if_needed()
    expect(when).to_contain_text("pora nie robi różnicy")
    expect(when).to_contain_text("wszystkich kont")
    expect(when.locator("svg")).to_have_count(0)


def test_what_is_fixed_stands_apart_from_what_rewriting_moves(opened: Open) -> None:
    page = opened("/", "pl")
    page.locator("#text").fill(TEXT["pl"])
    reasons = page.locator("#reasons")
    expect(reasons.locator("h3")).to_have_text(
        [re.compile("Co możesz jeszcze zmienić"), re.compile("Co jest dane")]
    )
    expect(reasons).to_contain_text("Co mówi tekst")


def reasons_of(page: Page, effects: dict[str, float]) -> None:
    """Answer with these effects only: by family."""
    fixed = {"clock", "history", "context"}

    def explain(answer: dict[str, Any]) -> None:
        answer["reasons"] = [
            {
                "family": family,
                "label": family,
                "effect": effect,
                "side": "who_and_when" if family in fixed else "what_and_how",
            }
            for family, effect in effects.items()
        ]

    answered(page, explain)


def test_what_was_not_given_is_no_fault_of_the_post(opened: Open) -> None:
    page = opened("/", "pl")
    reasons_of(page, {"text": 0.2, "history": -0.1, "clock": -0.05, "recall": 0.04, "context": 0.5})
    page.get_by_label("Platforma").select_option("facebook")
    page.locator("#text").fill(TEXT["pl"])
    reasons = page.locator("#reasons")
    expect(reasons.locator("dt")).to_have_text(["Co mówi tekst", "Platforma i odbiorcy"])
    expect(reasons.locator(".rest")).to_have_text(
        [
            "Nie podano: konto (jego podobne posty)+0,04",
            "Nie podano: konto (jak mu ostatnio idzie); termin−0,15",
        ]
    )
    page.get_by_label("Konto").fill("nieznane")
    expect(reasons.locator(".rest")).to_have_text(
        [
            "Nie podano: dawne posty (podobne do tego)+0,04",
            "Nie podano: dawne posty (jak ostatnio idzie); termin−0,15",
        ]
    )
    expect(reasons.locator("h3 span")).to_have_text(["+0,24", "+0,35"])
    expect(reasons).to_contain_text("Łącznie +0,59")
    fill_fields(page)
    page.get_by_label("Planowana data").fill("2026-12-01T18:00")
    expect(reasons.locator(".rest")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pl", "Łącznie +0,02. Zero to post, jakiego można się teraz po koncie spodziewać"),
        ("en", "All together +0.02. Zero is the post that is to be expected of the account now"),
    ],
)
def test_the_sum_is_not_measured_against_the_post_of_the_headline(
    opened: Open, language: Language, said: str
) -> None:
    """A post may score above zero and still fall short of the usual one, after a weak stretch."""
    page = opened("/", language)
    reasons_of(page, {"text": 0.02})
    page.locator("#text").fill(TEXT[language])
    expect(page.locator("#reasons")).to_contain_text(said)


def test_what_makes_no_difference_shares_a_line(opened: Open) -> None:
    page = opened("/")
    reasons_of(page, {"text": 0.2, "surface": 0.02, "emotion": -0.01})
    page.locator("#text").fill(TEXT["en"])
    expect(page.locator("#reasons dt")).to_have_text(["What the text says"])
    expect(page.locator("#reasons .rest")).to_have_text(
        "Makes no difference: Length, emoji, hashtags, links; What it makes people feel+0.01"
    )


def test_one_figure_has_one_word_and_what_makes_no_difference_no_bar(opened: Open) -> None:
    page = opened("/", "pl")
    reasons_of(page, {"context": -0.0321, "text": -0.0279, "start": -0.0279})
    page.get_by_label("Platforma").select_option("facebook")
    page.locator("#text").fill(TEXT["pl"])
    told = page.locator("#reasons .number")
    expect(told).to_have_text(["trochę szkodzi −0,03"] * 3)
    reasons_of(page, {"start": -0.0249})
    page.locator("#text").press_sequentially("!")
    expect(told).to_have_text(["bez znaczenia −0,02"])
    expect(page.locator("#reasons .down")).to_have_count(0)


def test_two_versions_are_compared_with_their_doubt_and_survive_a_reload(opened: Open) -> None:
    page = opened("/")
    text = page.locator("#text")
    text.fill(TEXT["en"])
    page.get_by_role("button", name="Another version").click()
    assert text.input_value() == TEXT["en"]
    text.fill(TEXT["en"] + " Who is coming?")
    duel = page.locator("#duel")
    expect(duel).to_contain_text(re.compile("Too close to call|goes further"))
    assert len(re.findall(r"\d+%", duel.inner_text())) == 2
    duel.get_by_text("word by word").click()
    assert "Who is coming?" in " ".join(duel.locator("mark.own").all_inner_texts())
    page.get_by_label("Account").fill("kino")
    page.reload()
    assert text.input_value().endswith("Who is coming?")
    assert page.get_by_label("Account").input_value() == "kino"
    page.get_by_role("button", name="Version A", exact=True).click()
    assert text.input_value() == TEXT["en"]
    page.get_by_role("button", name="Delete version A").click()
    expect(page.get_by_role("button", name="Delete version")).to_have_count(0)
    assert text.input_value().endswith("Who is coming?")


def test_starting_afresh_can_be_undone(opened: Open) -> None:
    page = opened("/", "pl")
    text = page.locator("#text")
    undo = page.get_by_role("button", name="Cofnij")
    expect(undo).to_be_hidden()
    text.fill("Pierwsza wersja szkicu.")
    page.get_by_role("button", name="Kolejna wersja").click()
    text.fill("Druga wersja szkicu.")
    page.get_by_label("Konto").fill("kino")
    page.get_by_role("button", name="Zacznij od nowa").click()
    assert text.input_value() == page.get_by_label("Konto").input_value() == ""
    text.fill("Napisane później.")
    undo.click()
    assert text.input_value() == "Druga wersja szkicu."
    assert page.get_by_label("Konto").input_value() == "kino"
    expect(undo).to_be_hidden()
    for name, written in (("A", "Pierwsza wersja szkicu."), ("C", "Napisane później.")):
        page.get_by_role("button", name=f"Wersja {name}", exact=True).click()
        assert text.input_value() == written


def test_nothing_comes_back_by_itself_after_starting_afresh(opened: Open) -> None:
    page = opened("/")
    page.locator("#text").fill(TEXT["en"])
    page.get_by_label("Account").fill("kino")
    page.get_by_role("button", name="Start afresh").click()
    page.reload()
    assert page.locator("#text").input_value() == page.get_by_label("Account").input_value() == ""


def test_a_deleted_version_can_be_brought_back(opened: Open) -> None:
    page = opened("/")
    text = page.locator("#text")
    text.fill("The first version.")
    page.get_by_role("button", name="Another version").click()
    text.fill("The second version.")
    page.get_by_role("button", name="Version A", exact=True).click()
    page.get_by_role("button", name="Delete version A").click()
    assert text.input_value() == "The second version."
    page.get_by_role("button", name="Undo").click()
    assert text.input_value() == "The first version."
    page.get_by_role("button", name="Version B", exact=True).click()
    assert text.input_value() == "The second version."


def test_two_tabs_keep_a_draft_each(opened: Open) -> None:
    first = opened("/")
    first.locator("#text").fill(TEXT["en"])
    first.get_by_label("Account").fill("kino")
    second = first.context.new_page()
    second.goto("/")
    assert second.locator("#text").input_value() == TEXT["en"]
    second.locator("#text").fill("Another thought of today.")
    second.get_by_label("Account").fill("shop")
    for tab, text, account in (
        (first, TEXT["en"], "kino"),
        (second, "Another thought of today.", "shop"),
    ):
        tab.reload()
        assert tab.locator("#text").input_value() == text
        assert tab.get_by_label("Account").input_value() == account
    third = first.context.new_page()
    third.goto("/")
    assert third.locator("#text").input_value() == "Another thought of today."


def test_a_text_that_does_not_fit_says_so(opened: Open) -> None:
    page = opened("/", "pl")
    text = page.locator("#text")
    text.focus()
    page.keyboard.insert_text("Dziś radość. " * (1 + MAX_CHARACTERS // 13))
    assert len(text.input_value()) == MAX_CHARACTERS
    expect(page.get_by_role("status").filter(has_text="najwyżej 40")).to_contain_text("pominięta")
    expect(page.locator("#notes")).to_contain_text("mniej więcej 450 znaków")
    shot(page, "draft-full")
    text.press("Backspace")
    expect(page.locator("#full")).to_be_empty()


def test_a_refusal_is_kind_and_says_what_to_do(opened: Open) -> None:
    page = opened("/", "pl")
    page.locator("#text").fill("Boję się.")
    expect(page.locator("#refusal")).to_contain_text(f"co najmniej {LETTERS_NEEDED} liter")
    shot(page, "draft-refusal")
    page.locator("#text").fill(TEXT["pl"])
    expect(page.locator("#notes")).to_contain_text("następny w jego zwykłym rytmie")
    page.get_by_role("button", name="Ustaw termin").click()
    expect(page.get_by_label("Planowana data")).to_be_focused()
    expect(page.get_by_role("link", name="Wczytaj dawne posty")).to_have_attribute("href", "/past")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("pl", "Nie podano konta albo nie znamy jego wcześniejszych postów"),
        ("en", "No account was given, or none of its earlier posts are known"),
    ],
)
def test_without_an_account_no_posts_of_this_account_are_missed(
    opened: Open, language: Language, told: str
) -> None:
    page = opened("/", language)
    page.locator("#text").fill(TEXT[language])
    expect(page.locator("#notes")).to_contain_text(told)


def test_the_account_that_was_meant_is_taken_with_one_click(opened: Open) -> None:
    page = opened("/", "pl")
    page.locator("#text").fill(TEXT["pl"])
    page.get_by_label("Platforma").select_option("facebook")
    account = page.get_by_label("Konto")
    account.fill("kinno")
    expect(page.locator("#notes")).to_contain_text("Czy chodziło o „kino”?")
    page.get_by_role("button", name="Tak, zmień").click()
    expect(account).to_have_value("kino")
    expect(account).to_be_focused()
    expect(page.locator("#odds")).to_contain_text("Twój zwykły post")
    expect(page.locator("#notes")).not_to_contain_text("Czy chodziło")
    page.get_by_label("Platforma").select_option("x")
    expect(page.locator("#notes")).to_contain_text("Czy chodziło o „kino (facebook)”?")
    page.get_by_role("button", name="Tak, zmień").click()
    expect(page.get_by_label("Platforma")).to_have_value("facebook")
    expect(account).to_have_value("kino")
    expect(page.locator("#odds")).to_contain_text("Twój zwykły post")
    page.reload()
    expect(page.get_by_label("Platforma")).to_have_value("facebook")


OUTSIDE = """() => [...document.querySelectorAll(".number, .ends span")].filter((node) => {
    const written = document.createRange();
    written.selectNodeContents(node);
    const { left, right } = written.getBoundingClientRect();
    const room = node.closest("dd").getBoundingClientRect();
    return left < room.left - 1 || right > room.right + 1;
}).map((node) => node.textContent)"""
"""What is written beyond the column that it stands in."""


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("language", ["pl", "en"])
def test_words_stay_in_their_columns(opened: Open, language: Language, size: str) -> None:
    def wide(answer: dict[str, Any]) -> None:
        answer["emotion"]["valence"] = {"value": -0.4, "low": -0.96, "high": 0.27}
        start = {"family": "start", "label": "start", "effect": 0.02, "side": "start"}
        text = {"family": "text", "label": "text", "effect": -0.22, "side": "what_and_how"}
        answer["reasons"] = [text, start]

    page = opened("/", language, size)
    answered(page, wide)
    page.locator("#text").fill(TEXT[language])
    expect(page.locator("#answer")).to_be_visible()
    assert page.evaluate(OUTSIDE) == []
    account = page.locator("[name=account_id]")
    hinted = "box => { box.value = box.placeholder; return box.scrollWidth - box.clientWidth; }"
    assert account.evaluate(hinted) <= 0


def test_the_button_to_score_is_seen_where_the_keyboard_stands_on_it(opened: Open) -> None:
    page = opened("/")
    button = page.get_by_role("button", name="Score")
    expect(button).to_have_css("clip-path", "inset(50%)")
    button.focus()
    expect(button).to_have_css("clip-path", "none")
    assert button.evaluate("node => node.offsetWidth") > 60


def test_nothing_jumps_while_typing(opened: Open) -> None:
    page = opened("/")
    page.locator("#text").fill(TEXT["en"])
    expect(page.locator("#answer")).to_be_visible()
    page.evaluate(
        """() => {
            window.shifted = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) window.shifted += entry.value;
            }).observe({ type: "layout-shift" });
        }"""
    )
    for more in (" Come and see it.", " Tickets are free.", " Bring your friends!"):
        with page.expect_response("**/v1/score"):
            page.locator("#text").press_sequentially(more)
    expect(page.locator("#answers")).not_to_have_attribute("aria-busy", "true")
    assert page.evaluate("() => window.shifted") < 0.1
