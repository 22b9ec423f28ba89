import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.printing import check_target, stages, whole_file


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A named pipe that somebody reads, and what it is read by."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    yield path, reader
    os.close(reader)


def test_a_pipe_is_written_to_and_stays_one(pipe: tuple[Path, int]) -> None:
    path, reader = pipe
    assert check_target(path) == path
    with whole_file(path) as file:
        file.write("scores")
    assert path.is_fifo()
    assert os.read(reader, 100) == b"scores"
    assert list(path.parent.iterdir()) == [path]


def test_a_link_keeps_pointing_to_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    link, kept = tmp_path / "last.json", tmp_path / "kept" / "may.json"
    link.symlink_to(kept)
    for content in ("first", "second"):
        with whole_file(link) as file:
            file.write(content)
        assert link.is_symlink()
        assert kept.read_text() == content


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
