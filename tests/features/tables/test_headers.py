"""Headers in other spellings."""

import pytest

from features.errors import TableError
from features.tables.formats import COMPARISONS, EMOTION, POSTS, SCORING, Field, TableFormat
from features.tables.headers import match_headers, plain

ALL = (POSTS, SCORING, EMOTION, COMPARISONS)


@pytest.mark.parametrize("table", ALL)
def test_no_word_stands_for_two_columns(table: TableFormat) -> None:
    words = [
        plain(word)
        for field in (*table.fields, *table.ignored)
        for word in {plain(field.name), *map(plain, _spellings(field))}
    ]
    assert len(words) == len(set(words))


def _spellings(field: Field) -> tuple[str, ...]:
    return (*field.stronger, *field.synonyms, *field.weaker, *field.reposts)


def test_canonical_headers_match_themselves() -> None:
    names = [field.name for field in POSTS.fields]
    headers = match_headers(POSTS, names, "p.csv")
    assert headers.found == {name: name for name in names}
    assert headers.renamed == {}


def test_polish_headers_are_matched_and_reported() -> None:
    written = ["ID wpisu", "Konto", "Platforma", "Treść", "Data publikacji", "udostępnienia"]
    headers = match_headers(POSTS, written, "p.csv")
    assert headers.renamed == {
        "post_id": "ID wpisu",
        "account_id": "Konto",
        "platform": "Platforma",
        "text": "Treść",
        "published_at": "Data publikacji",
        "shares": "udostępnienia",
    }


@pytest.mark.parametrize("header", ["TEXT", " text ", "Post Text", "full_text", "TRESC", "Tweet"])
def test_text_in_other_spellings(header: str) -> None:
    assert match_headers(SCORING, [header], "p.csv").found == {"text": header}


def test_the_canonical_header_beats_a_synonym() -> None:
    headers = match_headers(SCORING, ["message", "text"], "p.csv")
    assert headers.found == {"text": "text"}


def test_two_candidates_are_an_error() -> None:
    with pytest.raises(TableError, match="'message' and 'Treść' could both be the column 'text'"):
        match_headers(SCORING, ["message", "Treść"], "p.csv")


def test_shares_and_reposts_are_an_error_where_the_platform_does_not_tell() -> None:
    written = ["post_id", "account_id", "platform", "text", "published_at", "shares", "Reposts"]
    with pytest.raises(
        TableError, match="'shares' and 'Reposts' could both be the column 'shares'"
    ):
        match_headers(POSTS, written, "p.csv")


@pytest.mark.parametrize(("platform", "found"), [("x", "Reposts"), ("tiktok", "Shares")])
def test_the_platform_tells_shares_from_reposts(platform: str, found: str) -> None:
    written = ["post_id", "account_id", "text", "published_at", "Shares", "Reposts"]
    headers = match_headers(POSTS, written, "p.csv", {"platform"}, platform)
    assert headers.found["shares"] == found
    assert len(headers.unknown) == 1


def test_all_troubles_are_told_at_once() -> None:
    with pytest.raises(
        TableError, match=r"(?s)'message' and 'Treść' .* no column post_id, account_id"
    ):
        match_headers(POSTS, ["message", "Treść", "platform", "date", "shares"], "p.csv")


def test_two_spellings_of_the_name_itself_are_an_error() -> None:
    with pytest.raises(TableError, match="'Post ID' and 'POST_ID' could both"):
        match_headers(SCORING, ["text", "Post ID", "POST_ID"], "p.csv")


def test_missing_column_names_what_is_there() -> None:
    with pytest.raises(TableError, match="no column text for posts to score; it has 'shares'"):
        match_headers(SCORING, ["shares"], "p.csv")


def test_posts_without_ids_are_told_what_will_do() -> None:
    with pytest.raises(TableError, match=r"no column post_id .* such as their links"):
        match_headers(POSTS, ["konto", "platforma", "treść", "data", "udostępnienia"], "p.csv")


def test_a_file_without_header_does_not_show_its_first_post() -> None:
    with pytest.raises(TableError) as caught:
        match_headers(SCORING, ["Gramy dziś o osiemnastej na rynku głównym"], "p.csv")
    assert "rynku" not in str(caught.value)


def test_results_are_ignored_and_named_when_scoring() -> None:
    headers = match_headers(SCORING, ["text", "Likes", "retweets", "reposts", "note"], "p.csv")
    assert headers.ignored == ("Likes", "retweets", "reposts")
    assert headers.unknown == ("note",)


def test_a_given_column_may_be_missing() -> None:
    written = ["post_id", "account_id", "text", "published_at", "shares"]
    assert "platform" not in match_headers(POSTS, written, "p.csv", {"platform"}).found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        pytest.param(
            "Data publikacji;Treść posta;Link;Strona;Platforma;Udostępnienia",
            "published_at;text;post_id;account_id;platform;shares",
            id="a table of somebody's own",
        ),
        pytest.param(
            "Identyfikator posta;Identyfikator strony;Nazwa strony;Tytuł;Opis;Czas publikacji;"
            "Stały link;Typ posta;Data;Reakcje;Komentarze;Udostępnienia",
            "post_id;account_id;;;text;published_at;;media_type;;likes;comments;shares",
            id="Meta, Facebook, in Polish",
        ),
        pytest.param(
            "Post ID;Page ID;Page name;Title;Description;Publish time;Permalink;Post type;Date;"
            "Reactions;Comments;Shares",
            "post_id;account_id;;;text;published_at;;media_type;;likes;comments;shares",
            id="Meta, Facebook",
        ),
        pytest.param(
            "Identyfikator publikacji;Identyfikator konta;Nazwa użytkownika konta;Nazwa konta;Opis;"
            "Czas publikacji;Stały link;Typ posta;Udostępnienia",
            "post_id;account_id;;;text;published_at;;media_type;shares",
            id="Meta, Instagram, in Polish",
        ),
        pytest.param(
            "Post title;Post link;Post type;Created date;Content Type;Likes;Comments;Reposts",
            "text;post_id;;published_at;media_type;likes;comments;shares",
            id="LinkedIn",
        ),
        pytest.param(
            "Post id;Date;Post text;Post Link;Likes;Shares;Replies",
            "post_id;published_at;text;;likes;shares;comments",
            id="X",
        ),
        pytest.param(
            "Post id;Date;Post text;Post Link;Likes;Shares;Replies;Reposts;Detail Expands",
            "post_id;published_at;text;;likes;;comments;shares;",
            id="X, Content",
        ),
        pytest.param(
            "Tweet permalink;Tweet text;time;retweets;replies;likes",
            "post_id;text;published_at;shares;comments;likes",
            id="Twitter",
        ),
        pytest.param(
            "Time;Video title;Video link;Post time;Total likes;Total comments;Total shares",
            ";text;post_id;published_at;likes;comments;shares",
            id="TikTok",
        ),
        pytest.param(
            "Treść;Tytuł filmu;Czas publikacji filmu;Subskrybenci;Udostępnienia;Polubienia",
            "post_id;text;published_at;;shares;likes",
            id="YouTube, in Polish",
        ),
    ],
)
def test_exports_of_the_platforms_are_understood(written: str, found: str) -> None:
    given = {"platform", "account_id"}
    headers = match_headers(POSTS, written.split(";"), "p.csv", given).found
    wanted = zip(found.split(";"), written.split(";"), strict=True)
    assert headers == {name: header for name, header in wanted if name}


@pytest.mark.parametrize(
    ("written", "name", "found"),
    [
        ("Link;ID posta", "post_id", "ID posta"),
        ("URL;Permalink", "post_id", "Permalink"),
        ("Tytuł;Opis", "text", "Opis"),
        ("Title;Message", "text", "Message"),
        ("Date;Publish time", "published_at", "Publish time"),
        ("Data;Godzina publikacji", "published_at", "Godzina publikacji"),
        ("Page name;Page ID", "account_id", "Page ID"),
        ("Szkic;Termin;Kanał", "platform", "Kanał"),
    ],
)
def test_of_two_that_would_do_the_surer_one_is_taken(written: str, name: str, found: str) -> None:
    headers = match_headers(SCORING, written.split(";"), "p.csv", {"text"})
    assert headers.found[name] == found


def test_a_long_list_of_headers_says_that_it_goes_on() -> None:
    with pytest.raises(TableError, match=r"'note 19', …\."):
        match_headers(SCORING, [f"note {n}" for n in range(21)], "p.csv")
