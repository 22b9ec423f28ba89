from cli import figures
from cli.printing import console

PART = {"within_account_spearman": 0.3, "coverage_90": 0.9}
FEW = {"within_account_spearman": float("nan"), "coverage_90": float("nan"), "n": 2}
REPORT = {
    "posts": {
        **PART,
        "n": 500,
        "ci": {"coverage_90": [float("nan"), None]},
        "by_platform": {"x": {**PART, "n": 498}},
        "by_language": {"et": FEW, "sv": FEW},
    }
}


def test_languages_of_a_few_rows_have_no_line_and_what_is_not_known_is_a_dash() -> None:
    screen = console()
    with screen.capture() as shown:
        for table in figures.share_tables(REPORT):
            screen.print(table)
    text = " ".join(shown.get().split())
    assert "only x" in text
    assert "only et" not in text
    assert "nan" not in text
    assert "Platforms and languages of fewer than 30 rows are in the JSON only (2)." in text
