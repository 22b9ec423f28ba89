import csv
import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.serving.browser.conftest import Language, Open, a_file, shot

ROWS = """id posta;konto;platforma;treść;data publikacji;udostępnienia
n1;nowe-konto;facebook;Dziś otwieramy nowe kino.;2026-05-01 18:00;12
n2;nowe-konto;facebook;Jutro gramy film o morzu.;2026-05-02 18:00;7
n3;nowe-konto;facebook;Tu ktoś wpisał słowo.;2026-05-03 18:00;dużo
"""


def test_past_posts_are_imported_and_what_was_refused_comes_back(opened: Open) -> None:
    page = opened("/past", "pl")
    expect(page.locator("#known")).to_contain_text("kino")
    table = a_file("maj.csv", ROWS.encode())
    page.locator("#file").set_input_files(table)
    tiles = page.locator(".tiles dd")
    expect(tiles).to_have_text(["2", "0", "0", "1"])
    expect(page.locator("#summary")).to_contain_text("„udostępnienia” jako udostępnienia")
    expect(page.locator("#known")).to_contain_text("nowe-konto")
    with page.expect_download() as refused:
        page.get_by_role("button", name="Pobierz odrzucone wiersze").click()
    text = Path(refused.value.path()).read_text("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert (row["row"], row["treść"]) == ("4", "Tu ktoś wpisał słowo.")
    shot(page, "past-pl-desktop")
    page.get_by_role("link", name="Pisz dla konta „nowe-konto”").click()
    page.wait_for_url("**/")
    expect(page.get_by_label("Konto")).to_have_value("nowe-konto")
    expect(page.get_by_label("Platforma")).to_have_value("facebook")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_file_without_account_and_platform_is_tried_again_with_them(
    opened: Open, size: str
) -> None:
    page = opened("/past", "pl", size)
    rows = "id,treść,data,udostępnienia\nr1,Dziś otwieramy.,2026-05-01 18:00,12\n"
    page.locator("#file").set_input_files(a_file("ok.csv", rows.encode()))
    section = "Gdy plik nie podaje konta lub platformy"
    told = page.locator("#status")
    expect(told).to_contain_text(f"Uzupełnij to w części „{section}” i wczytaj plik jeszcze raz.")
    account = page.get_by_label("Konto")
    platform = page.get_by_label("Platforma")
    expect(page.locator(":focus")).to_have_attribute("aria-invalid", "true")
    expect(account).to_have_attribute("aria-invalid", "true")
    shot(page, f"past-lacks-{size}")
    account.fill(f"piekarnia-{size}")
    again = page.get_by_role("button", name="Wczytaj jeszcze raz: ok.csv")
    again.click()
    expect(told).to_contain_text("platforma")
    expect(platform).to_be_focused()
    expect(account).not_to_have_attribute("aria-invalid", "true")
    platform.select_option("facebook")
    again.click()
    expect(told).to_have_text("Wczytano 1 post; konto ma ich teraz 1.")
    expect(again).to_be_hidden()
    expect(page.locator(".fault")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "whole", "cells", "quotes", "no_json"),
    [
        (
            "pl",
            "cały wiersz",
            "Jest: 8 komórek. Powinno być: 6 komórek.",
            "Jest: tekst za zamykającym cudzysłowem. "
            "Powinno być: cały tekst w cudzysłowie, a cudzysłowy w środku podwojone.",
            "Jest: uszkodzony JSON. Powinno być: jeden obiekt JSON w każdym wierszu.",
        ),
        (
            "en",
            "the whole row",
            "It is 8 cells; expected 6 cells.",
            "It is text after a closing quote; "
            "expected quotes around the whole text, and doubled inside.",
            "It is broken JSON; expected one JSON object on each line.",
        ),
    ],
)
def test_rows_that_do_not_divide_are_told_in_the_language_of_the_page(
    opened: Open, language: Language, whole: str, cells: str, quotes: str, no_json: str
) -> None:
    page = opened("/past", language)
    rows = (
        "id;konto;platforma;treść;data;udostępnienia\n"
        "d1;dzielone;facebook;Chleb; bułki; pączki;2026-05-01 18:00;3\n"
        'd2;dzielone;facebook;"Chleb" na zakwasie;2026-05-01 18:00;3\n'
    )
    page.locator("#file").set_input_files(a_file("d.csv", rows.encode()))
    told = page.locator("#summary-body tbody tr")
    expect(told).to_have_count(2)
    expect(told.nth(0)).to_contain_text("d1;dzielone;facebook;Chleb; bułki; pączki;")
    for row, reason in enumerate((cells, quotes)):
        expect(told.nth(row).locator("td").nth(1)).to_have_text(whole)
        expect(told.nth(row).locator("td").nth(2)).to_have_text(reason)
    good = {"id": "d1", "account": "dzielone", "platform": "x", "text": "Hi", "date": "2026-05-01"}
    lines = json.dumps(good | {"shares": 3}) + "\n{"
    page.locator("#file").set_input_files(a_file("d.jsonl", lines.encode()))
    expect(told.locator("td").nth(2)).to_have_text(no_json)


def test_importing_again_does_no_harm(opened: Open) -> None:
    page = opened("/past")
    rows = (
        "id,account,platform,text,date,shares,collected_at\n"
        "a1,twice,x,We open today.,2026-05-01T10:00Z,3,2026-06-01T10:00Z\n"
    )
    table = a_file("may.csv", rows.encode())
    page.locator("#file").set_input_files(table)
    expect(page.locator(".tiles dd")).to_have_text(["1", "0", "0", "0"])
    expect(page.locator("#status")).to_have_text("1 post was read; the account now has 1.")
    page.locator("#file").set_input_files(table)
    expect(page.locator(".tiles dd")).to_have_text(["0", "0", "1", "0"])


def test_posts_that_took_the_place_of_others_are_told(opened: Open) -> None:
    page = opened("/past", "pl")
    head = "id,account,platform,text,date,shares\n"
    may = head + "1,monthly,x,We open today.,2026-05-01T10:00Z,3\n"
    june = head + "1,monthly,x,We close today.,2026-06-01T10:00Z,3\n"
    page.locator("#file").set_input_files(a_file("may.csv", may.encode()))
    expect(page.locator("#status")).to_have_text("Wczytano 1 post; konto ma ich teraz 1.")
    page.locator("#file").set_input_files(a_file("june.csv", june.encode()))
    expect(page.locator("#summary-body .hint")).to_contain_text("1 post ma id innego posta")


def test_posts_of_two_pages_and_of_a_renamed_one_are_told(opened: Open) -> None:
    page = opened("/past", "pl")
    head = "id,account,platform,text,date,shares\n"
    row = "1,{},threads,We open today.,2026-0{}-01T10:00Z,3\n".format
    for account, month in (("centrum", 4), ("osiedle", 5)):
        table = a_file(f"{account}.csv", (head + row(account, month)).encode())
        page.locator("#file").set_input_files(table)
        expect(page.locator("#status")).to_have_text("Wczytano 1 post; konto ma ich teraz 1.")
    expect(page.locator("#summary-body .hint")).to_contain_text("1 post ma id posta innego konta")
    page.locator("#file").set_input_files(a_file("new.csv", (head + row("nowe", 4)).encode()))
    hint = page.locator("#summary-body .hint")
    expect(hint).to_contain_text("uznano to za jedno konto po zmianie nazwy")


def test_what_was_read_is_told_apart_from_what_the_account_has(opened: Open) -> None:
    page = opened("/past", "pl")
    head = "id,account,platform,text,date,shares\n"
    row = "{},{},x,We open today.,2026-05-01T10:00Z,3\n".format
    june = head + row("g1", "growing") + row("g2", "growing")
    page.locator("#file").set_input_files(a_file("june.csv", june.encode()))
    expect(page.locator("#status")).to_have_text("Wczytano 2 posty; konto ma ich teraz 2.")
    july = head + row("g3", "growing")
    page.locator("#file").set_input_files(a_file("july.csv", july.encode()))
    expect(page.locator("#status")).to_have_text("Wczytano 1 post; konto ma ich teraz 3.")
    two = head + row("g3", "growing") + row("o1", "other")
    page.locator("#file").set_input_files(a_file("two.csv", two.encode()))
    expect(page.locator("#status")).to_have_text("Wczytano 2 posty.")


def test_a_file_without_shares_is_told_so_and_nothing_is_kept(opened: Open) -> None:
    page = opened("/past", "en", "phone")
    rows = "id,account,platform,text,date\nb1,nobody,x,We open today.,2026-05-01T10:00Z\n"
    table = a_file("drafts.csv", rows.encode())
    page.locator("#file").set_input_files(table)
    expect(page.locator("#status")).to_contain_text("shares")
    expect(page.locator("#known")).not_to_contain_text("nobody")
    expect(page.locator("#retry")).to_be_hidden()
    expect(page.locator("details")).not_to_have_attribute("open", "")
    shot(page, "past-en-phone")
