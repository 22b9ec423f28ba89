"""What went wrong is said in the language of the page."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.serving.browser.conftest import Open, a_file


def test_a_wrong_field_is_named_in_polish(opened: Open) -> None:
    page = opened("/", "pl")
    page.locator("details summary").first.click()
    page.get_by_label("Obserwujący").fill("1.5")
    page.locator("#text").fill("Udało się! Po trzech latach otwieramy kino na Starówce.")
    expect(page.locator("#fault-followers")).to_have_text(
        "Tu potrzebne: liczba całkowita, 0 lub więcej."
    )


def test_a_file_without_one_good_row_tells_why_in_polish(opened: Open) -> None:
    page = opened("/past", "pl")
    rows = "id,konto,platforma,treść,data,udostępnienia\n1,a,x,Dziś gramy.,2026-05-01,dużo\n"
    page.locator("#file").set_input_files(a_file("maj.csv", rows.encode()))
    expect(page.locator("#status")).to_contain_text("nie da się użyć żadnego wiersza")
    expect(page.locator("#summary")).to_contain_text("liczba całkowita, 0 lub więcej")


def test_a_planned_time_of_another_century_is_told_the_years(opened: Open) -> None:
    page = opened("/", "pl")
    page.locator("#text").fill("Udało się! Po trzech latach otwieramy kino na Starówce.")
    page.locator("[name=published_at]").fill("1999-12-31T18:30")
    expect(page.locator("#fault-published_at")).to_have_text("Tu potrzebne: data z lat 2000–2099.")


def test_a_date_that_cannot_be_is_told_which_can(opened: Open) -> None:
    page = opened("/past", "pl")
    head, row = "id,konto,platforma,treść,data,udostępnienia", "a,x,Dziś gramy."
    days = ["2098-05-01 18:00", "1999-05-01 18:00", "2100-05-01 18:00"]
    table = "\n".join([head, *(f"{id},{row},{day},3" for id, day in enumerate(days))])
    page.locator("#file").set_input_files(a_file("maj.csv", table.encode()))
    reasons = page.locator("#summary tbody td:last-child")
    years = "Powinno być: data z lat 2000–2099."
    expect(reasons).to_have_text(
        [
            "Jest: data z przyszłości. Powinno być: data i godzina w przeszłości.",
            f"Jest: data sprzed roku 2000. {years}",
            f"Jest: data po roku 2099. {years}",
        ]
    )


@pytest.mark.parametrize(("path", "most"), [("/rank", 1), ("/past", 50)])
def test_a_file_that_is_too_large_is_told_how_large_it_may_be(
    opened: Open, tmp_path: Path, path: str, most: int
) -> None:
    page = opened(path, "pl")
    large = tmp_path / "a.csv"
    with large.open("wb") as file:
        file.truncate(most * 1_000_000 + 1)
    page.locator("#file").set_input_files(large)
    expect(page.locator("#status")).to_have_text(
        f"Nie udało się: to za dużo naraz: najwyżej {most} MB. "
        "Wyślij mniejszy plik albo mniej postów."
    )


def test_a_mistyped_address_leads_home(opened: Open) -> None:
    page = opened("/nowhere", "pl")
    expect(page.locator("h1")).to_have_text("Pod tym adresem nic nie ma")
    page.get_by_role("link", name="Do pracowni szkiców").click()
    page.wait_for_url("**/")
