import re

import pytest

from cli.printing import stages


def test_a_log_shows_each_stage_and_a_sign_of_life_every_minute(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = iter([0.0, 1.0, 61.0, 90.0, 95.0, 130.0, 131.0])
    monkeypatch.setattr("cli.printing.time.monotonic", lambda: next(now))
    with stages() as tell:
        for done in (0, 1, 700, 900):
            tell("Growing trees", done, 1400)
        tell("Reading texts", 0, 20)
        tell("Growing trees", 1399, 1400)
        tell("Texts of our own", 12, 0)
    lines = capsys.readouterr().err.splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\dZ ", line) for line in lines)
    assert [line.partition(" ")[2] for line in lines] == [
        "Growing trees (1,400)",
        "Growing trees (700 of 1,400)",
        "Reading texts (20)",
        "Growing trees (1,399 of 1,400)",
        "Texts of our own",
    ]
