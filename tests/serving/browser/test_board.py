import io
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from serving.settings import MAX_CHARACTERS
from tests.serving.browser.conftest import Language, Open, a_file, shot

LINES = """Today we open the new cinema, come and share!
The programme of the weekend is on the website.
=SUM(A1) is what our cashier loves most of all.
Nobody was sad, we are so happy and great!"""
TABLE = """treść;platforma;konto;data publikacji
Dziś otwieramy nowe kino, kocham to!;facebook;kino;2026-12-01 18:00
Repertuar na weekend jest już na stronie.;facebook;kino;2026-12-01 18:00
Ten szkic ma złą platformę.;xing;kino;2026-12-01 18:00
Ten szkic ma złą datę.;facebook;kino;kiedyś
ok;facebook;kino;2026-12-01 18:00
"""
SEVERAL = """id,text,platform,account_id,published_at
K-1,Today we open the new cinema and love it!,facebook,kino,2026-12-01T18:00:00+01:00
K-2,The programme of the weekend is on the website.,x,kino,2026-12-02T09:30:00+01:00
K-3,Nobody was sad and we are so happy today!,x,kino,2026-12-01T18:00:00+01:00
"""
EVERYTHING = """text,platform,account_id,published_at,timezone,media_type,followers,is_paid,language
We open the new cinema and love it!,facebook,kino,2026-12-01 18:00,Asia/Tokyo,photo,12500,yes,en
The programme of the weekend is on the website.,x,teatr,2026-12-02 09:30,Europe/Warsaw,link,80,no,en
"""
"""Drafts with all that they can have; the first goes out at nine in the morning in London."""


def rank_lines(page: Page) -> None:
    page.locator("#texts").fill(LINES)
    page.locator("#go").click()
    expect(page.locator("#ranking")).to_be_visible()


def rank_table(page: Page, table: str = SEVERAL) -> None:
    page.locator("#file").set_input_files(a_file("drafts.csv", table.encode()))
    expect(page.locator("#ranking")).to_be_visible()


def row_of(page: Page, text: str) -> Locator:
    return page.locator("#places .place").filter(has_text=text)


def texts_shown(page: Page) -> list[str]:
    return page.locator("#places .excerpt").all_inner_texts()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_pasted_lines_are_ranked_with_odds_and_tiers(opened: Open, size: str) -> None:
    page = opened("/rank", "en", size)
    rank_lines(page)
    assert sorted(texts_shown(page)) == sorted(LINES.split("\n"))
    shares = [int(text.strip("%")) for text in page.locator(".chance b").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=2)
    assert page.locator(".tier-line").first.inner_text().startswith("Tier 1")
    expect(page.locator("#verdict")).to_have_text(re.compile("lead|ahead"))
    shot(page, f"rank-en-{size}")


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("Pierwszy.\nDrugi.\nTrzeci.\n\n", "3 szkice: po jednym w wierszu"),
        ("\n \nPierwszy.\nDrugi.", "2 szkice: po jednym w wierszu"),
        ("Pierwszy.\nI dalej.\n \nDrugi.", "2 szkice: rozdzielają je puste wiersze; bez nich"),
        ("Tylko jeden.\n\n", "1 szkic"),
        ("\n\n", ""),
    ],
)
def test_what_parts_pasted_drafts_is_told_and_empty_lines_around_them_do_not(
    opened: Open, pasted: str, told: str
) -> None:
    page = opened("/rank", "pl")
    page.locator("#texts").fill(pasted)
    expect(page.locator("#count")).to_have_text(re.compile(f"^{told}" if told else "^$"))


def test_the_list_is_sorted_and_filtered(opened: Open) -> None:
    page = opened("/rank")
    rank_lines(page)
    page.get_by_label("Sort by").select_option("index")
    assert texts_shown(page) == LINES.split("\n")
    page.get_by_label("Find").fill("weekend")
    assert texts_shown(page) == ["The programme of the weekend is on the website."]
    page.get_by_label("Find").fill("")
    page.get_by_label("Show").select_option("1")
    assert 1 <= len(texts_shown(page)) <= 4


def test_a_row_says_what_tells_it_from_the_others(opened: Open) -> None:
    page = opened("/rank")
    rank_table(page)
    told = row_of(page, "programme").locator(".labels")
    expect(told.locator("span")).to_have_text(
        ["X", re.compile("2 Dec.*09:30"), "ID K-2", "row 3 of the file"]
    )
    expect(told).not_to_contain_text("kino")
    page.get_by_role("button", name="Remove the file").click()
    rank_lines(page)
    expect(page.locator("#places .labels span")).to_have_count(0)


def test_a_planned_time_of_another_year_is_told_with_its_year(opened: Open) -> None:
    page = opened("/rank", "pl")
    page.clock.set_fixed_time(datetime(2026, 11, 30, 12, 0))
    rank_table(
        page,
        "text,published_at\nWe open the new cinema and love it!,2026-12-31T18:00:00+01:00\n"
        "The programme of the weekend is online.,2027-12-31T18:00:00+01:00\n",
    )
    expect(row_of(page, "cinema").locator(".labels")).to_contain_text("31 gru, 18:00")
    expect(row_of(page, "programme").locator(".labels")).to_contain_text("31 gru 2027, 18:00")


def test_drafts_are_filtered_by_platform(opened: Open) -> None:
    page = opened("/rank", "pl")
    rank_table(page)
    page.locator(".tools").get_by_label("Platforma").select_option(label="X")
    assert len(texts_shown(page)) == 2
    expect(page.locator("#found")).to_have_text("2 szkice")


@pytest.mark.parametrize("language", ["pl", "en"])
def test_what_several_platforms_mean_for_the_figures_is_said_above_the_list(
    opened: Open, language: Language
) -> None:
    page = opened("/rank", language)
    rank_table(page)
    said = {"pl": "mogą iść wbrew kolejności", "en": "may run against the order"}[language]
    expect(page.locator("#how")).to_contain_text(said)
    expect(page.locator("#know")).not_to_contain_text(said)


def test_drafts_of_one_platform_have_no_filter_for_it(opened: Open) -> None:
    page = opened("/rank")
    rank_lines(page)
    expect(page.locator(".tools").get_by_label("Platform")).to_be_hidden()
    expect(page.locator("#how")).to_have_text("Ranges hold the truth nine times in ten.")


def test_picking_keeps_the_focus_and_opens_the_comparison_in_the_row(opened: Open) -> None:
    page = opened("/rank", "pl", "phone")
    page.locator("#texts").fill("\n".join(f"{LINES.splitlines()[n % 2]} {n}" for n in range(12)))
    page.locator("#go").click()
    first = page.get_by_label("Porównaj szkic z miejsca 1", exact=True)
    last = page.get_by_label("Porównaj szkic z miejsca 12", exact=True)
    for box in (first, last):
        box.focus()
        page.keyboard.press("Space")
        expect(box).to_be_checked()
        expect(box).to_be_focused()
    pair = page.get_by_role("region", name="Obok siebie")
    expect(pair).to_be_in_viewport()
    expect(pair.get_by_role("status")).to_contain_text("1")
    expect(page.locator("#places .place").last.locator("#pair")).to_be_visible()
    shot(page, "rank-pair-phone")
    pair.get_by_role("button", name="Zamknij").press("Enter")
    expect(pair).to_be_hidden()
    expect(last).to_be_focused()
    expect(last).not_to_be_checked()


def test_a_comparison_outlasts_sorting_and_filtering(opened: Open) -> None:
    page = opened("/rank")
    rank_lines(page)
    for place in (1, 3):
        page.get_by_label(f"Compare the draft in place {place}").check()
    page.get_by_label("Sort by").select_option("index")
    expect(page.locator("#places #pair")).to_be_visible()
    page.get_by_label("Find").fill("no draft has this")
    expect(page.locator("#pair")).to_be_visible()


def test_a_long_draft_is_opened_and_closed_in_its_row(opened: Open) -> None:
    page = opened("/rank", "pl", "phone")
    page.locator("#texts").fill(LINES + "\n" + " ".join(["Dziś w kinie nowy film."] * 20))
    page.locator("#go").click()
    long = row_of(page, "Dziś w kinie")
    cut = "node => node.scrollHeight > node.clientHeight"
    assert long.locator(".excerpt").evaluate(cut)
    long.get_by_role("button", name="Pokaż całość").press("Enter")
    assert not long.locator(".excerpt").evaluate(cut)
    long.get_by_role("button", name="Pokaż mniej").press("Enter")
    assert long.locator(".excerpt").evaluate(cut)
    expect(page.get_by_role("button", name="Pokaż całość")).to_have_count(1)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_what_a_list_offers_is_not_clipped(opened: Open, size: str) -> None:
    page = opened("/rank", "pl", size)
    rank_table(page)
    for field in page.locator(".tools select").all():
        width = field.evaluate("node => node.clientWidth")
        field.evaluate("node => { node.style.width = 'max-content'; node.style.flex = 'none'; }")
        assert field.evaluate("node => node.clientWidth") <= width
        field.evaluate("node => node.removeAttribute('style')")


def test_a_search_without_a_hit_offers_the_way_back(opened: Open) -> None:
    page = opened("/rank")
    rank_table(page)
    page.locator(".tools").get_by_label("Platform").select_option(label="Facebook")
    page.get_by_label("Find").fill("weekend")
    expect(page.locator("#found")).to_contain_text("No draft fits")
    page.get_by_role("button", name="Show all drafts").click()
    assert len(texts_shown(page)) == 3
    expect(page.get_by_label("Find")).to_be_focused()
    expect(page.locator("#found")).to_be_empty()


def test_a_warning_names_the_drafts_that_it_is_about(opened: Open) -> None:
    page = opened("/rank")
    rank_table(page, SEVERAL + "K-4,We open the doors of our cinema at six.,,kino,\n")
    place = row_of(page, "doors").locator(".rank").inner_text().split()[-1]
    note = page.locator("#notes li").filter(has_text="No platform chosen")
    expect(note).to_contain_text(f"This is about place {place}.")


ACCOUNTS = """text,platform,account
Today we open the new cinema and love it!,facebook,kino
The programme of the weekend is on the website.,facebook,kinno
Nobody was sad and we are so happy today!,,
We open the doors of our cinema at six.,facebook,elsewhere
"""


def test_an_account_that_may_be_meant_is_told_of_its_own_drafts_alone(opened: Open) -> None:
    page = opened("/rank")
    rank_table(page, ACCOUNTS)
    notes = page.locator("#notes li")
    for said, draft in [
        ("Did you mean “kino”?", "weekend"),
        ("other accounts.", "doors"),
        ("No account was given", "sad"),
    ]:
        place = row_of(page, draft).locator(".rank").inner_text().split()[-1]
        note = notes.filter(has_text=said).filter(has_text=f"This is about place {place}.")
        expect(note).to_have_count(1)
    expect(notes.get_by_role("button", name=re.compile("account|Yes"))).to_have_count(0)


def test_a_field_is_offered_to_change_where_the_drafts_go_by_it(opened: Open) -> None:
    page = opened("/rank")
    page.locator("[name=platform]").select_option("facebook")
    page.locator("[name=account_id]").fill("kinno")
    rank_table(
        page, "text,planned\n" + "\n".join(f"{line},2020-01-01" for line in LINES.split("\n"))
    )
    expect(page.get_by_role("button", name="Set a time")).to_have_count(0)
    page.get_by_role("button", name="Yes, change it").click()
    expect(page.locator("[name=account_id]")).to_have_value("kino")
    expect(page.locator("#notes")).not_to_contain_text("Did you mean")


def test_odds_against_the_next_are_said_where_a_tier_ends_only(opened: Open) -> None:
    page = opened("/rank")
    page.route("**/v1/rank", lambda route: _with_tiers(route, [1, 1, 2, 2]))
    rank_lines(page)
    told = page.locator("#places .place").filter(has_text="to beat the next one")
    expect(told).to_have_count(1)
    expect(told.locator(".rank")).to_contain_text("2")
    page.get_by_label("Sort by").select_option("index")
    expect(told).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "odds", "said"),
    [
        ("pl", 0.67, "Jeden szkic prowadzi: mniej więcej 2 szanse na 3, że"),
        ("pl", 0.6, "Jeden szkic prowadzi: mniej więcej 3 szanse na 5 (60%), że"),
        ("pl", 0.91, "Jeden szkic wyraźnie prowadzi: mniej więcej 9 szans na 10"),
        ("en", 0.67, "One draft is ahead: about 2 chances in 3"),
        ("en", 0.91, "One draft is clearly ahead: about 9 chances in 10"),
    ],
)
def test_a_lead_is_called_clear_from_nine_in_ten(
    opened: Open, language: Language, odds: float, said: str
) -> None:
    page = opened("/rank", language)
    page.route("**/v1/rank", lambda route: _with_tiers(route, [1, 2, 2, 2], odds))
    rank_lines(page)
    expect(page.locator("#verdict")).to_contain_text(said)


def _with_tiers(route: Route, tiers: list[int], odds: float = 0.5) -> None:
    answer = route.fetch().json()
    for one, tier in zip(answer["candidates"], tiers, strict=True):
        one |= {"tier": tier, "too_close_to_call": True, "beats_next": odds}
    route.fulfill(json=answer | {"tiers": max(tiers)})


def test_only_scored_drafts_are_counted_and_have_odds(opened: Open) -> None:
    page = opened("/rank", "pl")
    page.locator("#texts").fill("Dziś otwieramy nowe kino, kocham to!\nok")
    page.locator("#go").click()
    expect(page.locator("#status")).to_have_text("Ułożono 1 z 2 szkiców.")
    expect(page.locator("#places .excerpt")).to_have_count(2)
    expect(page.locator(".chance, .pick")).to_have_count(0)
    expect(page.locator("#verdict")).to_contain_text("nie ma rywala")
    with page.expect_download() as csv:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert ",100," not in Path(csv.value.path()).read_text("utf-8-sig")


def test_the_band_stands_in_words_beside_every_picture(opened: Open) -> None:
    page = opened("/rank")
    rank_table(page)
    for row in page.locator("#places .place").all():
        expect(row.locator(".facts-line")).to_have_text(re.compile(r"\(\d+ to \d+\)"))
    for box in page.locator(".pick input").all()[:2]:
        box.check()
    pictures = page.locator("#pair dd svg")
    expect(page.locator("#pair .range")).to_have_count(pictures.count())
    expect(page.locator("#pair .range").first).to_have_text(re.compile(r"^\d+ to \d+$"))


@pytest.mark.parametrize(
    ("odds", "said"),
    [
        (0.58, "Za blisko, by rozstrzygać: mniej więcej 3 szanse na 5 (58%)"),
        (0.5996, "Za blisko, by rozstrzygać: mniej więcej 3 szanse na 5 (59%)"),
        (0.6, "Numer 1 pójdzie dalej niż numer 2: mniej więcej 3 szanse na 5 (60%)"),
        (0.626, "Numer 1 pójdzie dalej niż numer 2: mniej więcej 3 szanse na 5 (63%)"),
        (0.53, "Za blisko, by rozstrzygać: mniej więcej 1 szansa na 2, że"),
    ],
)
def test_a_tie_and_a_lead_of_the_same_odds_are_told_apart(
    opened: Open, odds: float, said: str
) -> None:
    page = opened("/rank", "pl")
    rank_lines(page)

    def fixed(route: Route) -> None:
        answer = route.fetch().json()
        answer["candidates"].sort(key=lambda one: one["index"])
        answer["candidates"][0] |= {"too_close_to_call": odds < 0.6, "beats_next": odds}
        route.fulfill(json=answer)

    page.route("**/v1/rank", fixed)
    page.get_by_label("Porównaj szkic z miejsca 1").check()
    page.get_by_label("Porównaj szkic z miejsca 2").check()
    expect(page.locator("#pair-said")).to_contain_text(said)


def test_two_candidates_are_compared_side_by_side(opened: Open) -> None:
    page = opened("/rank")
    rank_lines(page)
    page.get_by_label("Compare the draft in place 1").check()
    page.get_by_label("Compare the draft in place 3").check()
    pair = page.locator("#pair")
    tops = [side.evaluate("node => node.offsetTop") for side in pair.locator(".pair > div").all()]
    assert tops == [tops[0]] * 2
    expect(pair).to_contain_text(re.compile(r"umber 1 goes further than number 3"))
    expect(pair.locator("h3")).to_have_text(["Place 1", "Place 3"])
    expect(pair.locator("dt").first).to_have_text("Share potential")
    shot(page, "rank-pair")
    pair.get_by_role("button", name="Close").click()
    expect(pair).to_be_hidden()


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_table_is_read_and_its_bad_rows_stand_beside(opened: Open, language: Language) -> None:
    page = opened("/rank", language)
    content = a_file("szkice.csv", TABLE.encode())
    page.locator("#file").set_input_files(content)
    expect(page.locator("#ranking")).to_be_visible()
    rows = page.locator("#problem-rows tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Ten szkic ma złą platformę.")
    told = {"pl": "nazwa platformy", "en": "the name of a platform"}[language]
    expect(rows.nth(0)).to_contain_text(told)
    said = {"pl": "„treść” jako tekst", "en": "“treść” as text"}[language]
    expect(page.locator("#read")).to_contain_text(said)
    assert len(texts_shown(page)) == 3
    reason = {"pl": "za mało słów", "en": "too few words"}[language]
    expect(page.locator("#places li").last).to_contain_text(reason)
    shot(page, f"rank-table-{language}")


def test_a_workbook_is_dropped_with_the_mouse(opened: Open, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["Caption"], ["We are so happy today!"], ["The fear is gone now."]):
        sheet.append(row)
    book.save(tmp_path / "drafts.xlsx")
    page = opened("/rank")
    content = list((tmp_path / "drafts.xlsx").read_bytes())
    page.evaluate(
        """(content) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(content)], "drafts.xlsx"));
            document.querySelector("[data-drop]")
                .dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }""",
        content,
    )
    expect(page.locator("#places .excerpt")).to_have_count(2)


def test_a_row_without_a_text_is_told_to_be_empty(opened: Open) -> None:
    page = opened("/rank", "pl")
    page.locator("#file").set_input_files(a_file("szkice.csv", f"{TABLE};x;;\n".encode()))
    last = page.locator("#places li").last
    expect(last).to_contain_text("Pusty wiersz: nie ma w nim treści.")
    expect(last).not_to_contain_text("za mało słów")


def test_a_draft_of_a_file_that_is_cut_is_told_to_be(opened: Open) -> None:
    page = opened("/rank", "pl")
    long = "Dziś radość. " * (1 + MAX_CHARACTERS // 13)
    table = f"treść\n{long}\nDziś otwieramy nowe kino.\n"
    page.locator("#file").set_input_files(a_file("szkice.csv", table.encode()))
    told = page.locator("#read")
    expect(told).to_contain_text("1 szkic jest za długi: mieści się najwyżej 40\u00a0000 znaków")


def test_a_file_that_is_no_table_is_told_so(opened: Open) -> None:
    page = opened("/rank")
    wrong = a_file("a.csv", b"colour,size\nred,3\n")
    page.locator("#file").set_input_files(wrong)
    expect(page.locator("#status")).to_contain_text("a.csv")
    assert "/tmp" not in page.locator("#status").inner_text()


def test_planned_times_are_taken_along_on_the_clocks_of_the_browser(opened: Open) -> None:
    page = opened("/rank")
    page.locator("#file").set_input_files(a_file("drafts.csv", SEVERAL.encode()))
    with page.expect_download() as csv:
        page.get_by_role("button", name="CSV", exact=True).click()
    text = Path(csv.value.path()).read_text("utf-8-sig")
    assert "2026-12-02 09:30" in text
    assert "Europe/Warsaw" in text
    with page.expect_download() as xlsx:
        page.get_by_role("button", name="Excel", exact=True).click()
    sheet = openpyxl.load_workbook(io.BytesIO(Path(xlsx.value.path()).read_bytes())).worksheets[0]
    heads, *rows = sheet.iter_rows(values_only=True)
    assert datetime(2026, 12, 2, 9, 30) in [row[heads.index("Planned time")] for row in rows]


@pytest.mark.parametrize(("language", "kind"), [("en", "CSV"), ("pl", "CSV"), ("pl", "Excel")])
def test_a_ranking_that_is_dropped_back_has_the_same_figures(
    opened: Open, language: Language, kind: str
) -> None:
    page = opened("/rank", language)
    rank_table(page, EVERYTHING)
    first = _facts(page)
    with page.expect_download() as file:
        page.get_by_role("button", name=kind, exact=True).click()
    page.get_by_role("button", name=re.compile("Start afresh|Zacznij od nowa")).click()
    with page.expect_request("**/v1/rank") as asked:
        page.locator("#file").set_input_files(file.value.path())
    expect(page.locator("#ranking")).to_be_visible()
    assert _facts(page) == first
    posts = {post["account_id"]: post for post in _posts_of(asked.value)}
    assert posts["kino"] == {
        "text": "We open the new cinema and love it!",
        "platform": "facebook",
        "account_id": "kino",
        "published_at": "2026-12-01T09:00:00+00:00",
        "timezone": "Asia/Tokyo",
        "media_type": "photo",
        "followers": 12_500,
        "is_paid": True,
        "language": "en",
    }
    assert posts["teatr"]["is_paid"] is False


def _posts_of(request: Request) -> list[dict[str, Any]]:
    posts: list[dict[str, Any]] = json.loads(request.post_data or "")["posts"]
    return posts


def _facts(page: Page) -> dict[str, str]:
    places = page.locator("#places .place").all()
    return {
        place.locator(".excerpt").inner_text(): place.locator(".facts-line").inner_text()
        for place in places
    }


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (SEVERAL, "nine times in ten; on X it was not measured. For emotions it has not been"),
        (SEVERAL.replace("facebook", "x"), "How often ranges hold the truth has not been measured"),
    ],
)
def test_no_coverage_is_claimed_of_a_ranking_where_none_was_measured(
    opened: Open, table: str, said: str
) -> None:
    def unmeasured(route: Route) -> None:
        answer, asked = route.fetch().json(), _posts_of(route.request)
        for one in answer["candidates"]:
            codes = ["language_unmeasured"]
            codes += ["platform_unmeasured"] if asked[one["index"]]["platform"] == "x" else []
            one["score"]["warnings"] = [{"code": code, "message": ""} for code in codes]
        route.fulfill(json=answer)

    page = opened("/rank")
    page.route("**/v1/rank", unmeasured)
    rank_table(page, table)
    shares = said.split(" For emotions")[0]
    expect(page.locator("#how")).to_contain_text(shares)
    for box in page.locator(".pick input").all():
        box.check()
    with page.expect_download() as csv:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert said in Path(csv.value.path()).read_text("utf-8-sig")
    expect(page.locator("#pair-body")).to_contain_text("has not been measured")
    expect(page.locator("#pair-body")).to_contain_text("For emotions it has not been measured")
    shot(page, "rank-unmeasured")


def test_the_strongest_feeling_is_taken_along_with_its_strength(opened: Open) -> None:
    page = opened("/rank")
    rank_table(page)
    with page.expect_download() as xlsx:
        page.get_by_role("button", name="Excel", exact=True).click()
    sheet = openpyxl.load_workbook(io.BytesIO(Path(xlsx.value.path()).read_bytes())).worksheets[0]
    heads, first, *_ = sheet.iter_rows(values_only=True)
    told = dict(zip(heads, first, strict=True))
    shown = page.locator("#places .place").first.inner_text()
    assert f"{told['Strongest feeling']} {told['Its strength, 0–100']}" in shown


def test_the_ranking_is_taken_along_as_csv_and_as_a_workbook(opened: Open) -> None:
    page = opened("/rank")
    rank_lines(page)
    with page.expect_download() as csv:
        page.get_by_role("button", name="CSV", exact=True).click()
    text = Path(csv.value.path()).read_text("utf-8-sig")
    assert text.startswith("Place,Tier,Draft")
    assert "'=SUM(A1)" in text
    assert "prescore-emotion 1, prescore-share 1" in text
    assert re.search(r"20\d\d-\d\d-\d\dT", text)
    with page.expect_download() as xlsx:
        page.get_by_role("button", name="Excel", exact=True).click()
    book = openpyxl.load_workbook(io.BytesIO(Path(xlsx.value.path()).read_bytes()))
    cells = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert "=SUM(A1) is what our cashier loves most of all." in cells
    assert "f" not in {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row}
    assert "prescore-share 1" in str([cell.value for cell in book.worksheets[1]["A"]])


def test_paper_shows_the_order_and_nothing_to_press(opened: Open) -> None:
    page = opened("/rank", "en", "desktop", "dark")
    rank_lines(page)
    page.emulate_media(media="print")
    expect(page.locator(".editor")).to_be_hidden()
    expect(page.locator("[data-export=xlsx]")).to_be_hidden()
    expect(page.locator("#places .excerpt").first).to_be_visible()
    assert page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    shot(page, "rank-print")


def test_nothing_pasted_is_lost_on_reload(opened: Open) -> None:
    page = opened("/rank")
    page.locator("#texts").fill(LINES)
    page.reload()
    assert page.locator("#texts").input_value() == LINES


def test_a_list_of_other_fields_or_drafts_says_so_until_it_is_ranked_again(opened: Open) -> None:
    page = opened("/rank", "pl")
    rank_lines(page)
    stale = page.locator("#stale")
    expect(stale).to_be_hidden()
    page.locator("[name=platform]").select_option("facebook")
    expect(stale).to_contain_text("Szkice lub pola się zmieniły.")
    assert page.locator("#places").evaluate("node => getComputedStyle(node).opacity") == "0.6"
    shot(page, "rank-stale")
    page.locator("[name=platform]").select_option("")
    expect(stale).to_be_hidden()
    page.locator("[name=platform]").select_option("facebook")
    stale.get_by_role("button", name="Ułóż ponownie").click()
    expect(stale).to_be_hidden()


def test_the_list_before_too_many_drafts_is_not_taken_for_theirs(opened: Open) -> None:
    page = opened("/rank")
    rank_lines(page)
    page.locator("#texts").fill("\n".join([LINES] * 51))
    page.locator("#go").click()
    expect(page.locator("#status")).to_have_text("At most 200 drafts at once.")
    expect(page.locator("#stale")).to_be_visible()


def test_a_file_goes_before_the_fields_and_the_page_says_so(opened: Open) -> None:
    page = opened("/rank")
    page.locator("[name=platform]").select_option("tiktok")
    rank_table(page)
    expect(page.locator("#read")).to_contain_text("fill in only what the file leaves empty")
    expect(page.locator("#places")).not_to_contain_text("TikTok")


def test_a_ranking_is_there_after_a_reload_and_on_the_way_back(opened: Open) -> None:
    page = opened("/rank")
    rank_table(page)
    page.reload()
    expect(page.locator("#places .place")).to_have_count(3)
    page.get_by_role("link", name="Draft", exact=True).click()
    expect(page.locator("#text")).to_be_visible()
    page.go_back()
    expect(page.locator("#places .place")).to_have_count(3)
    page.get_by_role("button", name="Start afresh").click()
    page.reload()
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator("#ranking")).to_be_hidden()


def test_a_file_that_fails_while_an_older_ranking_is_retried_keeps_its_word(opened: Open) -> None:
    page = opened("/rank", "pl")
    page.clock.install()
    page.locator("#texts").fill(LINES)
    page.context.set_offline(True)
    page.locator("#go").click()
    expect(page.locator("#status")).to_have_text("Usługa nie odpowiada. Próbuję ponownie…")
    page.locator("#file").set_input_files(a_file("drafts.csv", SEVERAL.encode()))
    failed = "Usługa nie odpowiada. Spróbuj za chwilę."
    expect(page.locator("#status")).to_have_text(failed)
    expect(page.locator("#going")).to_be_hidden()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(False)
    page.clock.run_for(10_000)
    assert asked == []
    expect(page.locator("#status")).to_have_text(failed)


def test_starting_afresh_lets_a_retried_ranking_go(opened: Open) -> None:
    page = opened("/rank")
    page.locator("#texts").fill(LINES)
    page.context.set_offline(True)
    page.locator("#go").click()
    expect(page.locator("#status")).to_contain_text("Trying again")
    page.get_by_role("button", name="Start afresh").click()
    expect(page.locator("#status")).to_be_empty()
    expect(page.locator("#going")).to_be_hidden()


def test_one_draft_alone_is_told_to_find_company(opened: Open) -> None:
    page = opened("/rank", "pl")
    page.locator("#texts").fill("Tylko jeden szkic.")
    page.locator("#go").click()
    expect(page.locator("#status")).to_have_text("Podaj co najmniej dwa szkice.")
