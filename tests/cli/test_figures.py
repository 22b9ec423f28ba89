import io
from contextlib import redirect_stdout

from cli import figures
from cli.printing import show

PART = {"within_account_spearman": 0.3, "coverage_90": 0.9}
FEW = {"within_account_spearman": float("nan"), "coverage_90": float("nan"), "n": 2}
REPORT = {
    "posts": {
        **PART,
        "n": 500,
        "ci": {"coverage_90": [float("nan"), None]},
        "by_platform": {"x": {**PART, "n": 498}, "web": FEW},
        "by_language": {"et": FEW, "sv": FEW},
    }
}


def printed(report: figures.Report) -> str:
    shown = io.StringIO()
    with redirect_stdout(shown):
        for table in figures.share_tables(report):
            show(table)
    return " ".join(shown.getvalue().split())


def test_languages_of_a_few_rows_have_no_line_and_what_is_not_known_is_a_dash() -> None:
    text = printed(REPORT)
    assert "only x" in text
    assert "only et" not in text
    assert "nan" not in text
    assert "Platforms and languages of fewer than 30 rows are in the JSON only (3)." in text


def test_each_platform_has_its_baselines_below_and_an_only_one_no_line_of_its_own() -> None:
    part = {"accuracy": 0.7, "n": 90, "baselines": {"longer_wins": {"accuracy": 0.53}}}
    report = {**part, "by_platform": {"x": part, "web": part}, "by_language": {"en": part}}
    text = printed({"comparisons": report})
    assert "only web 0.700 90 only web, baseline: longer_wins 0.530 -" in text
    assert "only en" not in text


def test_where_nobody_looks_no_cell_is_cut() -> None:
    names = ("within_account_spearman", "pair_accuracy_2x", "coverage_90", "interval_width")
    figures_of = {**dict.fromkeys(names, -0.416), "n": 90}
    part = {**figures_of, "ci": dict.fromkeys(names, (-0.416, -0.012))}
    text = printed({"posts": part | {"baselines": {"a baseline with quite a long name": part}}})
    assert text.count("-0.416 (-0.416–-0.012)") == 8
    assert "within account spearman pair accuracy 2x coverage 90 interval width n" in text


def test_a_table_without_intervals_says_why() -> None:
    few = {**PART, "n": 90, "ci": {"coverage_90": [None, None]}}
    assert "In brackets" not in printed({"posts": few})
    assert "No intervals: they need at least 5 accounts" in printed({"posts": few})
    sure = few | {"ci": {"coverage_90": [0.8, 0.95]}}
    assert "In brackets: 95% interval of the figure." in printed({"posts": sure})
    never = {"accuracy": 0.6, "n": 90}
    table = printed({"posts": {**few, "pairs": {**never, "by_platform": {}}}})
    assert table.count("intervals") == 1


def test_a_row_tells_how_much_was_really_known() -> None:
    part = {**PART, "n": 90}
    known = {"30": {**part, "most_known": 30}, "300": {**part, "most_known": 180}}
    text = printed({"posts": {**part, "by_history": known}})
    assert "30 known posts 0.300" in text
    assert "all known posts (180 at most) 0.300" in text
    assert "300 known posts" not in text


def test_refused_posts_stand_beside_those_that_were_scored() -> None:
    text = printed({"posts": {**FEW, "n": 0, "abstained": 180}})
    assert "interval width" not in text
    assert "n abstained" in text
    assert "this version - - 0 180" in text
