from dataclasses import replace

from training.judging.bootstrap import Estimate
from training.record.card import Card, DataSet, Measure, Origin, render, shown

NAN = float("nan")
ORIGIN = Origin(
    command="prescore train share --posts posts.csv",
    created="2026-01-02T03:04:05Z",
    data=(DataSet("posts.csv", 12345, "ab12", "CC BY 4.0"), DataSet("own.csv", 7, "cd34")),
)
CARD = Card(
    title="prescore-share: how far a post travels",
    summary="A score in units of the account's own spread.",
    origin=ORIGIN,
    held_out="Every tenth account, chosen by a hash of its name.",
    measures=(
        Measure("Spearman", Estimate(0.41, 0.38, 0.44, 30), (("length", 0.1), ("tfidf", 0.35))),
        Measure("Coverage", Estimate(0.9, NAN, NAN, 3), (("length", 0.88),)),
    ),
    languages=(("pl", "0.300"),),
    limits=("Little Polish.",),
)


def test_metrics_stand_beside_their_baselines() -> None:
    lines = render(CARD).splitlines()
    assert "| on held-out rows | this version (95% interval) | length | tfidf |" in lines
    assert "| Spearman | 0.410 (0.380 to 0.440) | 0.100 | 0.350 |" in lines
    assert "| Coverage | 0.900 | 0.880 | – |" in lines


def test_card_says_what_it_cannot_do_where_it_came_from_and_how() -> None:
    text = render(CARD)
    assert "cannot guarantee virality" in text
    assert "| posts.csv | 12,345 | CC BY 4.0 | `ab12` |" in text
    assert "| own.csv | 7 | not stated | `cd34` |" in text
    assert "```\nprescore train share --posts posts.csv\n```" in text


def test_sections_without_content_are_left_out() -> None:
    assert "What the gate said" not in render(CARD)
    encoded = replace(ORIGIN, encoder="sha256:ff")
    judged = replace(CARD, verdict=("Better than before.",), origin=encoded)
    assert "## What the gate said\n\n- Better than before." in render(judged)
    assert "| encoder | `sha256:ff` |" in render(judged)


def test_a_pipe_in_a_file_name_does_not_break_the_table() -> None:
    odd = replace(CARD, origin=replace(ORIGIN, data=(DataSet("a|b.csv", 1, "ef56"),)))
    assert "| a\\|b.csv | 1 |" in render(odd)


def test_an_estimate_without_interval_is_shown_alone() -> None:
    assert shown(Estimate(0.5, NAN, NAN, 2)) == "0.500"
    assert shown(Estimate(NAN, NAN, NAN, 0)) == "–"
