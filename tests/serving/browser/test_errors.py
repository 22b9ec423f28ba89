"""What went wrong is said in the language of the page."""

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


def test_a_mistyped_address_leads_home(opened: Open) -> None:
    page = opened("/nowhere", "pl")
    expect(page.locator("h1")).to_have_text("Pod tym adresem nic nie ma")
    page.get_by_role("link", name="Do pracowni szkiców").click()
    page.wait_for_url("**/")
