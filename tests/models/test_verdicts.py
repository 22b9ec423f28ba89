import pytest

from models.verdicts import in_short, objections

LEAST = (
    "Better: mean pearson 0.70 against 0.00 of mean (gain +0.70, interval +0.6 to +0.8, on 9 x)."
)
MOST = LEAST.replace("0.00 of mean (gain +0.70", "0.65 of the champion, version 3 (gain +0.05")
LOST = MOST.replace("Better", "Not clearly better")
TYPOS = "A slip of the finger changes intensities by: 0.310, limit 0.25."
COVERAGE = "The 90% intervals hold 90.1% of the held-out outcomes, within the bounds 85% to 95%."


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (f"{LEAST} {MOST} {COVERAGE}", "+0.05 mean pearson against the champion, version 3"),
        (
            MOST.replace("Better", "Not clearly better"),
            "Not clearly better: +0.05 mean pearson against the champion, version 3",
        ),
        (COVERAGE, COVERAGE.rstrip(".")),
        ("No held-out rows to compare with the champion on.",) * 2,
        ("", ""),
    ],
)
def test_why_is_one_short_sentence(reason: str, said: str) -> None:
    assert in_short(reason) == said.rstrip(".")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (TYPOS, TYPOS),
        (
            f"{LOST} {TYPOS}",
            f"Not clearly better: +0.05 mean pearson against the champion, version 3. {TYPOS}",
        ),
        (
            f"{LEAST.replace('Better', 'Not clearly better')} {LOST}",
            "Not clearly better: +0.05 mean pearson against the champion, version 3.",
        ),
        ("", ""),
    ],
)
def test_every_objection_is_told_with_its_figure(reason: str, said: str) -> None:
    assert objections(reason) == said.rstrip(".")


def test_a_reason_without_a_gain_keeps_its_figure() -> None:
    assert in_short(f"{TYPOS} {COVERAGE}") == TYPOS.rstrip(".")
