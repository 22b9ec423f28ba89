import errno
import json
import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from features.account.store import HistoryStore
from serving.page.importing import steps
from serving.page.script_words import ALL

GOOD = "id,account,platform,text,date,shares\na1,kino,x,We open today.,2026-05-01T10:00Z,3\n"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'history.db'}"


def told(
    url: str,
    content: str,
    language: str = "en",
    changed: datetime | None = None,
    **given: Any,
) -> list[dict[str, Any]]:
    found = steps(
        url,
        "may.csv",
        content.encode(),
        zone="UTC",
        day_first=None,
        given=given,
        changed=changed,
        language=language,
    )
    return list(json.loads(json.dumps(list(found))))


def test_an_import_tells_how_far_it_got_and_what_came_of_it(url: str) -> None:
    reading, keeping, last = told(url, GOOD + "a2,kino,x,Hello there.,2026-05-02T10:00Z,many\n")
    assert (reading, keeping) == ({"stage": "reading"}, {"stage": "keeping", "posts": 1})
    done = last["done"]
    assert (done["added"], done["refused"]) == (1, 1)
    assert done["accounts"] == [{"platform": "x", "account_id": "kino", "posts": 1}]
    assert [one["row"] for one in done["problems"]] == [3]
    assert "Hello there." in done["refused_rows"]
    store = HistoryStore(url)
    assert store.posts()["post_id"].tolist() == ["a1"]
    store.close()


def test_columns_that_a_file_lacks_are_named_beside_the_line_about_them(url: str) -> None:
    bare = "id,text,date,shares\na1,We open today.,2026-05-01T10:00Z,3\n"
    last = told(url, bare, "pl")[-1]
    assert sorted(last["missing"]) == ["account_id", "platform"]
    assert "konto" in last["failed"]
    assert told(url, bare, platform="x")[-1]["missing"] == ["account_id"]
    assert told(url, GOOD.replace(",3", ",many"))[-1]["missing"] == []


def test_an_id_that_tells_another_post_is_counted(url: str) -> None:
    assert told(url, GOOD)[-1]["done"]["clashes"] == 0
    june = GOOD.replace("We open today.", "We close today.").replace("05-01", "06-01")
    assert told(url, june)[-1]["done"]["clashes"] == 1


def test_posts_of_two_accounts_and_of_a_renamed_one_are_counted(url: str) -> None:
    both = GOOD + "a1,teatr,x,We open today.,2026-06-01T10:00Z,3\n"
    done = told(url, both)[-1]["done"]
    assert (done["added"], done["told_apart"], done["renamed"]) == (2, 1, 0)
    done = told(url, GOOD.replace("kino", "Kino"))[-1]["done"]
    assert (done["updated"], done["told_apart"], done["renamed"]) == (1, 0, 1)


def test_counts_without_a_time_are_of_now_and_may_be_too_young(url: str) -> None:
    published = datetime.now(UTC) - timedelta(minutes=5)
    done = told(url, GOOD + f"a2,kino,x,Hello there.,{published.isoformat()},0\n")[-1]["done"]
    assert done["too_young"] == 1


def test_counts_without_a_time_are_as_old_as_the_file(url: str) -> None:
    published = datetime.now(UTC) - timedelta(days=3)
    row = f"a2,kino,x,Hello there.,{published.isoformat()},0\n"
    changed = published + timedelta(minutes=5)
    assert told(url, GOOD + row, changed=changed)[-1]["done"]["too_young"] == 1
    assert told(url, GOOD + row)[-1]["done"]["too_young"] == 0


def test_account_and_platform_can_be_given_for_a_file_without(url: str) -> None:
    content = "id,text,date,shares\na1,We open today.,2026-05-01T10:00Z,3\n"
    last = told(url, content, account_id="kino", platform="facebook")[-1]
    assert last["done"]["accounts"] == [{"platform": "facebook", "account_id": "kino", "posts": 1}]


def test_a_file_that_cannot_be_used_keeps_nothing(url: str) -> None:
    last = told(url, "colour\nred\n")[-1]
    assert last["failed"].startswith("may.csv: ")
    assert "/tmp" not in last["failed"]


def test_a_full_disk_ends_an_import_too(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    last = told(url, GOOD, "pl")[-1]
    assert last == {"failed": "coś się tu zepsuło; zostało to zapisane w dzienniku."}


def test_a_failing_database_ends_an_import_and_only_the_log_tells_which(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "history.db").write_text("no database, " * 100)
    last = told(f"sqlite:///{tmp_path}/history.db", GOOD, "pl")[-1]
    assert last == {"failed": "baza danych zawiodła; zostało to zapisane w dzienniku."}
    assert f"{tmp_path}/history.db failed: file is not a database." in caplog.text


def test_what_a_file_lacks_is_said_in_polish_with_the_words_of_the_page(url: str) -> None:
    last = told(url, "Konto;Platforma;Treść;Data\na;x;b;c\n", "pl")[-1]
    assert last["failed"].startswith(
        "may.csv: brakuje kolumn: identyfikator, udostępnienia. Plik ma kolumny: 'Konto', "
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "may.csv: pusty plik. Potrzebny jest nagłówek i przynajmniej jeden wiersz."),
        ("\x00\x01\x02\x03" * 50, "may.csv: to plik binarny, a nie tabela. Nada się CSV, "),
        ("%PDF-1.4 a page", "may.csv: to plik PDF, a nie tabela. Nada się CSV, "),
        ("message;Treść;konto\na;b;c\n", "may.csv: 'message' i 'Treść' – obie kolumny mogą "),
        (
            "Dziś o 18 gramy na rynku: wpadajcie!\nNikt nie był smutny.\n",
            "may.csv: brakuje kolumn: identyfikator, konto, platforma, tekst, termin, "
            "udostępnienia. Plik ma kolumny: (nagłówek o długości 36 znaków). ",
        ),
        ("<!DOCTYPE html>\n<html>\n", "may.csv: to strona internetowa albo XML, a nie tabela. "),
        ('{\n"text": "a"\n}\n', "may.csv: ten JSON nie jest tabelą. "),
        (GOOD.replace(",3\n", ",\n"), "may.csv: żaden post nie ma liczby udostępnień."),
        (
            GOOD.replace("2026-05-01T10:00Z", "13/02/2026") + "a2,kino,x,b,02/13/2026,3\n",
            "may.csv, kolumna „termin”: dzień i miesiąc stoją raz w jednej, raz w drugiej ",
        ),
    ],
)
def test_errors_are_said_in_polish(url: str, content: str, said: str) -> None:
    assert told(url, content, "pl")[-1]["failed"].startswith(said)


def test_more_rows_than_are_taken_in_are_said_in_polish(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.page.importing.MOST_ROWS", 1)
    last = told(url, GOOD + "a2,kino,x,Hello there.,2026-05-02T10:00Z,3\n", "pl")[-1]
    assert last["failed"] == "may.csv: ma więcej niż 1 wierszy. Podziel go na mniejsze pliki."


def test_all_that_is_wrong_with_a_file_is_said_in_polish(url: str) -> None:
    twice, lacking = told(url, "message;Treść;konto\na;b;c\n", "pl")[-1]["failed"].splitlines()
    assert twice.startswith("may.csv: 'message' i 'Treść' – obie kolumny mogą oznaczać „tekst”. ")
    assert lacking.startswith("may.csv: brakuje kolumn: identyfikator, platforma, ")


def test_a_file_without_one_good_row_tells_why_of_each(url: str) -> None:
    last = told(url, GOOD.replace(",3", ",many"), "pl")[-1]
    assert last["failed"] == "may.csv: nie da się użyć żadnego wiersza (jest ich 1)."
    assert [(one["row"], one["field"]) for one in last["problems"]] == [(2, "shares")]


NOT_DIVIDED = """id;account;platform;text;date;shares
a1;kino;x;We open; or not;2026-05-01T10:00Z;3
a2;kino;x;"Open" today;2026-05-01T10:00Z;3
"""
FAULTY = (
    {"text": 5},
    {"text": True},
    {"text": ["Hello"]},
    {"text": {"said": "Hello"}},
    {"text": "half \ud800"},
    {"text": "nothing \0"},
    {"text": "a" * 100_001},
    {"shares": "many"},
    {"shares": -1},
    {"shares": 1.5},
    {"shares": 1e13},
    {"date": ""},
    {"date": "1999-01-01"},
    {"date": "2100-01-01"},
    {"date": "2099-01-01"},
    {"id": 1.5e17},
)


def test_every_fault_of_a_row_has_words_on_the_page(url: str) -> None:
    whole = {"id": "a", "account": "kino", "platform": "x", "text": "Hello", "date": "2026-05-01"}
    rows = [json.dumps(whole | {"shares": 3} | change) for change in FAULTY]
    problems = [
        *told(url, NOT_DIVIDED)[-1]["problems"],
        *told(url, "\n".join([*rows, "{", "[1]"]))[-1]["problems"],
    ]
    assert len(problems) == 2 + len(FAULTY) + 2
    faults = [one["kind"] for one in problems]
    faults += [one["expected"] for one in problems if one["kind"].endswith("cells")]
    script = (Path(str(files("serving.page"))) / "static/drop.js").read_text("utf-8")
    named = dict(re.findall(r'"?(\w[^":]*|# [^":]*)"?: "(kind_\w+)"', script))
    assert {re.sub(r"\d+,\d+|\b\d\b", "#", fault) for fault in faults} <= named.keys()
    assert set(named.values()) <= ALL.keys()


def test_posts_without_a_text_are_counted(url: str) -> None:
    done = told(url, GOOD + "a2,kino,x,,2026-05-02T10:00Z,4\n")[-1]["done"]
    assert (done["added"], done["blank_texts"]) == (2, 1)


def test_a_day_that_no_calendar_has_is_shown(url: str) -> None:
    done = told(url, GOOD + "a2,kino,x,Hello.,31.02.2026,4\n")[-1]["done"]
    assert [one["kind"] for one in done["problems"]] == ["'31.02.2026'"]
