"""Headers in other spellings."""

import pytest

from features.errors import TableError
from features.tables.formats import COMPARISONS, EMOTION, POSTS, SCORING, TableFormat
from features.tables.headers import match_headers, plain

ALL = (POSTS, SCORING, EMOTION, COMPARISONS)


@pytest.mark.parametrize("table", ALL)
def test_no_word_stands_for_two_columns(table: TableFormat) -> None:
    words = [
        plain(word)
        for field in (*table.fields, *table.ignored)
        for word in {plain(field.name), *map(plain, field.synonyms)}
    ]
    assert len(words) == len(set(words))


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
    assert headers.ignored == ("retweets", "reposts", "Likes")
    assert headers.unknown == ("note",)


def test_a_given_column_may_be_missing() -> None:
    written = ["post_id", "account_id", "text", "published_at", "shares"]
    assert "platform" not in match_headers(POSTS, written, "p.csv", {"platform"}).found
