import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from features.account.store import HistoryStore, ImportSummary
from features.errors import StoreError
from tests.cli.conftest import Run

HEAD = "post_id,account_id,platform,text,published_at,shares,collected_at"
FIRST = "1,me,x,Hello there,2024-01-01T10:00Z,5,2024-02-01T10:00Z"
SECOND = "2,me,x,Hello again,2024-01-02T10:00Z,6,2024-02-01T10:00Z"
LATER = "1,me,x,Hello there,2024-01-01T10:00Z,9,2024-03-01T10:00Z"
BAD = "3,me,x,Hello then,2024-01-03T10:00Z,-4,2024-02-01T10:00Z"


def test_import_is_safe_to_repeat(run: Run, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text("\n".join([HEAD, FIRST, SECOND]))
    first, again = run("import", "past.csv"), run("import", "past.csv")
    assert first.stdout == "past.csv: 2 added, 0 updated, 0 unchanged, 0 refused.\n"
    assert again.stdout == "past.csv: 0 added, 0 updated, 2 unchanged, 0 refused.\n"


def test_import_lets_later_counts_win(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text("\n".join([HEAD, LATER, FIRST, SECOND]))
    result = run("import", "past.csv", "--json")
    assert json.loads(result.stdout) == [
        {
            "file": "past.csv",
            "added": 2,
            "updated": 0,
            "unchanged": 0,
            "refused": 0,
            "told_apart": 0,
            "renamed": 0,
            "clashes": 0,
            "duplicates": 1,
            "without_shares": 0,
            "too_young": 0,
        }
    ]
    stored = HistoryStore(f"sqlite:///{home}/history.db").posts("x", "me")
    assert stored["shares"].tolist() == [9, 6]


def test_import_of_months_that_number_their_posts_alike(run: Run, tmp_path: Path) -> None:
    head = "post_id,account_id,platform,text,published_at,shares,collected_at"
    for month in ("01", "02"):
        counted = f"5,2024-03-{month}T10:00Z"
        rows = [f"{n},me,x,{month} no {n},2024-{month}-0{n}T10:00Z,{counted}" for n in (1, 2)]
        (tmp_path / f"{month}.csv").write_text("\n".join([head, *rows]))
    assert run("import", "01.csv").stderr == ""
    clashed = run("import", "02.csv")
    assert "0 added, 2 updated" in clashed.stdout
    assert "2 posts have the id of another post of the account" in clashed.stderr
    assert "`prescore forget`" in clashed.stderr
    assert run("import", "02.csv").stderr == ""


def test_import_of_accounts_that_number_their_posts_alike(run: Run, tmp_path: Path) -> None:
    for account in ("kino", "teatr"):
        rows = [f"{n},{account},x,{account} no {n},2024-01-0{n}T00:00:00Z,{n}" for n in (1, 2)]
        head = "post_id,account_id,platform,text,published_at,shares"
        (tmp_path / f"{account}.csv").write_text("\n".join([head, *rows]))
    kino, teatr = run("import", "kino.csv"), run("import", "teatr.csv")
    assert "2 added" in kino.stdout
    assert kino.stderr == ""
    assert "2 added" in teatr.stdout
    assert "2 posts share an id with a post of another account: kept apart" in teatr.stderr
    assert "0 added, 0 updated, 2 unchanged" in run("import", "teatr.csv").stdout


def announcements(account: str, month: str) -> list[str]:
    texts = enumerate(("We close early", "New opening hours"), start=1)
    return [f"{n},{account},x,{text},2024-{month}-0{n}T10:00Z,{n}" for n, text in texts]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(
    ("other", "month", "told", "kept"),
    [
        (
            "suburb",
            "02",
            "2 posts share an id with a post of another account: kept apart",
            [["centre", 2], ["suburb", 2]],
        ),
        (
            "renamed",
            "01",
            "2 posts came under two accounts with one id and text, within a day",
            [["renamed", 2]],
        ),
    ],
)
def test_import_tells_two_accounts_of_the_same_texts_from_one_that_was_renamed(
    run: Run,
    home: Path,
    tmp_path: Path,
    together: bool,
    other: str,
    month: str,
    told: str,
    kept: list[list[object]],
) -> None:
    head = "post_id,account_id,platform,text,published_at,shares"
    first, second = announcements("centre", "01"), announcements(other, month)
    for n, rows in enumerate([first + second] if together else [first, second]):
        (tmp_path / f"{n}.csv").write_text("\n".join([head, *rows]))
        done = run("import", f"{n}.csv")
    assert told in done.stderr
    accounts = HistoryStore(f"sqlite:///{home}/history.db").accounts()
    assert accounts[["account_id", "posts"]].to_numpy().tolist() == kept


def test_import_refuses_bad_rows_as_a_whole(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text("\n".join([HEAD, FIRST, BAD]))
    result = run("import", "past.csv")
    assert result.exit_code == 1
    assert "row 3, column shares" in result.stderr
    assert "Hello" not in result.stderr
    skipped = run("import", "past.csv", "--skip-bad-rows")
    assert skipped.stdout == "past.csv: 1 added, 0 updated, 0 unchanged, 1 refused.\n"
    assert (tmp_path / "past.bad-rows.csv").exists()


def test_import_keeps_nothing_where_one_of_the_files_cannot_be_read(
    run: Run, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "good.csv").write_text("\n".join([HEAD, FIRST, SECOND]))
    (tmp_path / "bad.csv").write_text("\n".join([HEAD, BAD]))
    result = run("import", "good.csv", "bad.csv", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "bad.csv: 1 of 1 row cannot be used" in result.stderr
    assert HistoryStore(f"sqlite:///{home}/history.db").posts().empty
    (tmp_path / "bad.csv").write_text("\n".join([HEAD, LATER]))
    both = json.loads(run("import", "good.csv", "bad.csv", "--json").stdout)
    assert [(told["file"], told["added"], told["updated"]) for told in both] == [
        ("good.csv", 2, 0),
        ("bad.csv", 0, 1),
    ]


def test_import_tells_what_it_kept_before_the_store_failed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upsert = HistoryStore.upsert

    def until_full(store: HistoryStore, posts: pd.DataFrame, refused: int = 0) -> ImportSummary:
        if "2" in set(posts["post_id"]):
            raise StoreError("The history store is full.")
        return upsert(store, posts, refused)

    monkeypatch.setattr(HistoryStore, "upsert", until_full)
    (tmp_path / "first.csv").write_text("\n".join([HEAD, FIRST]))
    (tmp_path / "second.csv").write_text("\n".join([HEAD, SECOND]))
    result = run("import", "first.csv", "second.csv", "--json")
    assert result.exit_code == 1
    assert "store is full" in result.stderr
    assert [told["file"] for told in json.loads(result.stdout)] == ["first.csv"]


def test_import_tells_which_headers_it_read(run: Run, tmp_path: Path) -> None:
    table = (
        "ID posta;Treść;Data publikacji;Udostępnienia\n7;Dzień dobry wszystkim;2024-01-01 10:00;3\n"
    )
    (tmp_path / "eksport.csv").write_bytes(table.encode("cp1250"))
    result = run("import", "eksport.csv", "--account", "me", "--platform", "facebook")
    assert result.exit_code == 0, result.output
    assert "1 added" in result.stdout
    assert "'Udostępnienia' as shares" in result.stderr
    assert "times without a zone (1) taken as UTC" in result.stderr


def test_import_tells_of_times_of_day(run: Run, home: Path, tmp_path: Path) -> None:
    head, row = "post_id;account_id;platform;text;shares;Data;Godzina", "1;me;x;Hello there;5"
    (tmp_path / "past.csv").write_text("\n".join([head, f"{row};31.03.2024;18:30"]))
    assert "read 'Godzina' as the time of day of published_at" in run("import", "past.csv").stderr
    stored = HistoryStore(f"sqlite:///{home}/history.db").posts("x", "me")
    assert stored["published_at"][0].isoformat() == "2024-03-31T18:30:00+00:00"
    (tmp_path / "dates.csv").write_text("\n".join([head, f"{row};31.03.2024;"]))
    told = run("import", "dates.csv").stderr
    assert "dates without a time of day (1) taken as midnight" in told


def test_import_of_a_file_without_an_account_names_the_options(run: Run, tmp_path: Path) -> None:
    head, row = "post_id,text,published_at,shares", "1,Hello there,2024-01-01T10:00Z,5"
    (tmp_path / "past.csv").write_text("\n".join([head, row]))
    bare = run("import", "past.csv")
    assert bare.exit_code == 1
    assert "Where all rows share it, give --account and --platform." in bare.stderr
    half = run("import", "past.csv", "--platform", "x")
    assert "Where all rows share it, give --account." in half.stderr
    assert run("import", "past.csv", "--platform", "x", "--account", "me").exit_code == 0
    (tmp_path / "none.csv").write_text("\n".join([head.replace("shares", "size"), row]))
    without = run("import", "none.csv", "--platform", "x", "--account", "me")
    assert "no column shares" in without.stderr
    assert "Where all rows" not in without.stderr


def test_import_reads_as_it_is_told_to(run: Run, home: Path, tmp_path: Path) -> None:
    table = "post_id,account_id,platform,text,published_at,shares,likes\n"
    table += "7,me,x,Zażółć gęślą jaźń,03/04/2024 10:00,3,5\n"
    (tmp_path / "past.csv").write_bytes(table.encode("iso8859-2"))
    unsure = run("import", "past.csv")
    assert unsure.exit_code == 1
    assert "--day-first or --month-first" in unsure.stderr
    words = ["--day-first", "--naive-zone", "Europe/Warsaw", "--encoding", "iso8859-2"]
    told = run("import", "past.csv", *words)
    assert told.exit_code == 0, told.output
    stored = HistoryStore(f"sqlite:///{home}/history.db").posts("x", "me")
    assert stored["published_at"][0].isoformat() == "2024-04-03T08:00:00+00:00"
    assert stored["text"][0] == "Zażółć gęślą jaźń"
    assert "times without a zone (1) taken as Europe/Warsaw" in told.stderr


def test_import_tells_of_posts_without_a_text(run: Run, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text("\n".join([HEAD, FIRST, SECOND.replace("Hello again", "")]))
    result = run("import", "past.csv")
    assert "2 added" in result.stdout
    assert "posts without a text (1)" in result.stderr


def test_import_tells_what_it_did_not_read(run: Run, home: Path, tmp_path: Path) -> None:
    table = "Post id,Date,Post text,Shares,Reposts,Profile visits,Detail Expands\n"
    (tmp_path / "x.csv").write_text(table + "1,2024-01-01,We open today.,1,25,3,4\n")
    result = run("import", "x.csv", "--account", "me", "--platform", "x")
    assert result.exit_code == 0, result.output
    assert "did not read 'Shares', 'Profile visits', 'Detail Expands'." in result.stderr
    assert HistoryStore(f"sqlite:///{home}/history.db").posts()["shares"].tolist() == [25]


def test_import_counts_cells_that_it_could_not_read(run: Run, tmp_path: Path) -> None:
    head = "post_id,account_id,platform,text,published_at,shares,media_type,followers"
    rows = ["1,me,x,Hello there,2024-01-01,5,hologram,12.3K", "2,me,x,Hello,2024-01-02,6,Photos,?"]
    (tmp_path / "past.csv").write_text("\n".join([head, *rows]))
    result = run("import", "past.csv")
    assert "2 added" in result.stdout
    assert "count as missing: 'media_type' (1), 'followers' (1)." in result.stderr


def test_import_leaves_out_posts_without_shares_and_says_so(run: Run, tmp_path: Path) -> None:
    empty = "4,me,x,Hello you,2024-01-04T10:00Z,,2024-02-01T10:00Z"
    (tmp_path / "past.csv").write_text("\n".join([HEAD, FIRST, empty, SECOND]))
    result = run("import", "past.csv")
    assert result.stdout == "past.csv: 2 added, 0 updated, 0 unchanged, 0 refused.\n"
    assert "past.csv: left out 1 post without a number of shares." in result.stderr


def _hours_ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


def _export(path: Path, published: datetime, changed: datetime | None = None) -> None:
    head = "post_id,account_id,platform,text,published_at,shares"
    path.write_text(f"{head}\n1,me,x,Hello there,{published.isoformat()},0\n")
    if changed is not None:
        os.utime(path, (changed.timestamp(),) * 2)


def test_import_takes_counts_without_a_time_for_as_old_as_the_file(
    run: Run, home: Path, tmp_path: Path
) -> None:
    _export(tmp_path / "x.csv", _hours_ago(50), changed=_hours_ago(49))
    result = run("import", "x.csv")
    assert "1 post was counted too soon after publishing" in result.stderr
    assert "0 updated, 1 unchanged" in run("import", "x.csv").stdout
    store = HistoryStore(f"sqlite:///{home}/history.db")
    assert store.posts()["collected_at"][0] < _hours_ago(48)
    later = run("import", "x.csv", "--collected-at", _hours_ago(1).isoformat())
    assert "1 updated" in later.stdout
    assert "too soon" not in later.stderr


def test_import_does_not_believe_a_file_that_is_older_than_its_posts(
    run: Run, home: Path, tmp_path: Path
) -> None:
    _export(tmp_path / "x.csv", _hours_ago(5), changed=_hours_ago(99))
    assert run("import", "x.csv").exit_code == 0
    stored = HistoryStore(f"sqlite:///{home}/history.db").posts()
    assert stored["collected_at"][0] > _hours_ago(1)


def test_import_refuses_a_time_of_counting_that_cannot_be(run: Run, tmp_path: Path) -> None:
    _export(tmp_path / "x.csv", _hours_ago(5))
    early = run("import", "x.csv", "--collected-at", _hours_ago(9).isoformat())
    assert early.exit_code == 1
    assert "x.csv: posts were published after --collected-at." in early.stderr
    for text in ("soon", _hours_ago(-9).isoformat()):
        assert run("import", "x.csv", "--collected-at", text).exit_code == 2


def test_import_understands_zones_in_small_letters(run: Run, home: Path, tmp_path: Path) -> None:
    naive = FIRST.replace("T10:00Z,5", "T10:00,5")
    (tmp_path / "past.csv").write_text("\n".join([HEAD, naive]))
    assert run("import", "past.csv", "--naive-zone", "europe/warsaw").exit_code == 0
    stored = HistoryStore(f"sqlite:///{home}/history.db").posts("x", "me")
    assert stored["published_at"].tolist() == [pd.Timestamp("2024-01-01T09:00Z")]


def test_import_refuses_a_zone_before_it_reads_when_counts_were_taken(run: Run) -> None:
    when = ("--collected-at", "2026-05-01", "--naive-zone", "Nowhere/Land")
    refused = run("import", "past.csv", *when)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: Got naive_zone='Nowhere/Land'; expected an IANA zone")


@pytest.mark.parametrize(
    ("order", "taken"), [("--day-first", "2024-04-05"), ("--month-first", "2024-05-04")]
)
def test_import_reads_when_counts_were_taken_as_told(
    run: Run, home: Path, tmp_path: Path, order: str, taken: str
) -> None:
    head, first = HEAD.removesuffix(",collected_at"), FIRST.rpartition(",")[0]
    (tmp_path / "past.csv").write_text(f"{head}\n{first}")
    untold = run("import", "past.csv", "--collected-at", "05/04/2024")
    assert untold.exit_code == 2
    assert "--month-first" in untold.stderr
    assert run("import", "past.csv", "--collected-at", "05/04/2024", order).exit_code == 0
    stored = HistoryStore(f"sqlite:///{home}/history.db").posts("x", "me")
    assert stored["collected_at"].tolist() == [pd.Timestamp(taken, tz="UTC")]
