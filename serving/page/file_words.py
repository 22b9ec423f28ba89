"""What the scripts say of files and their columns; as `script_words`."""

from collections.abc import Mapping

from features.schema import FIRST_YEAR, LAST_YEAR

Words = Mapping[str, str | tuple[str, str]]

A_COUNT = "a whole number, 0 or more"
A_TIME = "a date and time, such as 2026-03-31 18:30"
A_YEAR = f"a date from {FIRST_YEAR} to {LAST_YEAR}"

FIELDS: Words = {
    "expect_text": "a text",
    "expect_platform": "the name of a platform, such as facebook",
    "expect_published_at": A_TIME,
    "expect_collected_at": A_TIME,
    "expect_media_type": "a kind of media, such as photo or video",
    "expect_language": "a language code, such as pl",
    "expect_timezone": "a time zone, such as Europe/Warsaw",
    "expect_shares": A_COUNT,
    "expect_likes": A_COUNT,
    "expect_comments": A_COUNT,
    "expect_followers": A_COUNT,
    "expect_is_paid": "yes or no",
    "expect_post_id": "an id, written out in full",
    "expect_account_id": "the name of an account",
    "expect_past": "a date and time in the past",
    "expect_years": A_YEAR,
    "column_text": "text",
    "column_platform": "platform",
    "column_account_id": "account",
    "column_published_at": "time",
    "column_collected_at": "time of counting",
    "column_media_type": "media",
    "column_language": "language",
    "column_timezone": "time zone",
    "column_shares": "shares",
    "column_likes": "likes",
    "column_comments": "comments",
    "column_followers": "followers",
    "column_is_paid": "paid",
    "column_post_id": "id",
}

FILES: Words = {
    "away_once": "The service does not answer. Try again in a moment.",
    "reading": "Reading {name}…",
    "drafts_found": ("{n} draft", "{n} drafts"),
    "problems": ("{n} row cannot be used", "{n} rows cannot be used"),
    "problems_table": "Rows that cannot be used, and why",
    "problem": "It is {kind}; expected {expected}.",
    "col_row": "Row",
    "col_begins": "Begins with",
    "col_column": "Column",
    "col_wrong": "What is wrong",
    "kind_empty": "empty",
    "kind_text": "text",
    "kind_number": "a number",
    "kind_future": "a date in the future",
    "kind_early": f"a date before {FIRST_YEAR}",
    "kind_late": f"a date after {LAST_YEAR}",
    "kind_negative": "a negative number",
    "kind_fraction": "a number with a fraction",
    "kind_rounded": "a long number that a spreadsheet has rounded",
    "kind_beyond": "a number beyond all reason",
    "kind_flag": "true or false",
    "kind_date": "a date",
    "kind_list": "a list",
    "kind_object": "an object",
    "kind_half": "text with half a character",
    "kind_nul": "text with a NUL character",
    "kind_long": "more than {n} characters",
    "kind_cells": ("{n} cell", "{n} cells"),
    "kind_quote": "text after a closing quote",
    "kind_broken_json": "broken JSON",
    "kind_no_object": "JSON that is no object",
    "expect_shorter": "fewer characters",
    "expect_quotes": "quotes around the whole text, and doubled inside",
    "expect_json": "one JSON object on each line",
    "whole_row": "the whole row",
    "columns_read": "Read {list}.",
    "column_clock": "time of day",
    "midnights": (
        "{n} date without a time of day was taken as midnight.",
        "{n} dates without a time of day were taken as midnight.",
    ),
    "column_as": "“{header}” as {column}",
    "columns_ignored": "Left out, known only after publishing: {list}.",
    "columns_unknown": "Not understood and left out: {list}.",
    "columns_unread": "Cells that could not be read count as missing: {list}.",
}
