import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import torch

from training.tuning.checkpoints import GOES_ON, LONGEST_KEPT, Checkpoints

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_state_comes_back_under_its_own_mark_alone(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "new")
    checkpoints.write("a", {"step": 1})
    checkpoints.write("a", {"step": 2, "weights": torch.ones(3)})
    checkpoints.write("b", {"step": 3})
    found = Checkpoints(tmp_path / "new").read("a")
    assert found is not None
    assert (found["step"], found["weights"].tolist()) == (2, [1, 1, 1])
    assert checkpoints.read("c") is None


def test_a_state_that_cannot_be_written_leaves_the_last_one(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.write("a", {"step": 1})
    with pytest.raises(AttributeError):
        checkpoints.write("a", {"step": lambda: 2})
    assert checkpoints.read("a") == {"step": 1}
    assert names(tmp_path) == {"a.pt"}


def damaged(whole: bytes) -> dict[str, bytes]:
    middle = len(whole) // 2
    return {
        "empty": b"",
        "cut": whole[:middle],
        "no checkpoint": b"The dog ate it.",
        "altered": whole[:middle] + bytes(100) + whole[middle + 100 :],
    }


@pytest.mark.parametrize("damage", ["empty", "cut", "no checkpoint", "altered"])
def test_a_file_that_cannot_be_read_is_told_of_and_left_aside(tmp_path: Path, damage: str) -> None:
    told: list[str] = []
    checkpoints = Checkpoints(tmp_path, told.append)
    checkpoints.write("a", {"step": 1, "weights": torch.ones(1000)})
    file = tmp_path / "a.pt"
    file.write_bytes(damaged(file.read_bytes())[damage])
    assert checkpoints.read("a") is None
    assert told == [f"The checkpoint {file} cannot be read: fine-tuning starts anew."]
    checkpoints.write("a", {"step": 2})
    assert checkpoints.read("a") == {"step": 2}


def test_a_command_drops_what_it_has_used_and_nothing_of_others(tmp_path: Path) -> None:
    mine, others = Checkpoints(tmp_path), Checkpoints(tmp_path)
    for mark in ("a", "b"):
        Checkpoints(tmp_path).write(mark, {"step": 1})
    others.write("c", {"step": 1})
    with mine.until_used():
        mine.read("a")
        mine.write("d", {"step": 1})
    assert names(tmp_path) == {"b.pt", "c.pt"}
    with others.until_used():
        (tmp_path / "c.pt").unlink()  # The very same command was done first.


def test_what_fails_keeps_its_checkpoints(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.write("a", {"step": 1})
    with pytest.raises(ZeroDivisionError), checkpoints.until_used():
        raise ZeroDivisionError
    assert names(tmp_path) == {"a.pt"}


@pytest.mark.parametrize(("kept", "notes"), [(False, []), (True, [GOES_ON])])
def test_who_stops_it_is_told_of_what_is_kept(tmp_path: Path, kept: bool, notes: list[str]) -> None:
    checkpoints = Checkpoints(tmp_path)
    if kept:
        checkpoints.write("a", {"step": 1})
    stopped = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt), checkpoints.until_used():
        raise stopped
    assert getattr(stopped, "__notes__", []) == notes
    assert len(list(tmp_path.iterdir())) == kept


def test_what_nobody_came_back_for_is_dropped(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for name, age in (
        ("late.pt", LONGEST_KEPT - timedelta(hours=1)),
        ("old.pt", LONGEST_KEPT + timedelta(hours=1)),
        (".old.xyz", LONGEST_KEPT + timedelta(hours=1)),
    ):
        written = (NOW - age).timestamp()
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (written, written))
    checkpoints.drop_old(NOW)
    assert names(tmp_path) == {"late.pt"}
    Checkpoints(tmp_path / "missing").drop_old(NOW)
