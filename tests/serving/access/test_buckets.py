import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from serving.access.buckets import Buckets, take

ROOT = Path(__file__).parents[3]


def drain(full_at: float, quota: int, now: float) -> tuple[int, float, float]:
    """Take until refused: how many were let through, the bucket, and the seconds to wait."""
    for count in range(10_000):
        taken, full_at = take(full_at, quota, now)
        if not taken.allowed:
            return count, full_at, taken.wait
    raise AssertionError("it never ran dry")


@pytest.mark.parametrize("quota", [1, 3, 60, 999])
def test_a_full_bucket_holds_a_minutes_worth(quota: int) -> None:
    count, full_at, wait = drain(0.0, quota, 1000.0)
    assert count == quota
    assert wait == pytest.approx(60 / quota)
    again, _, _ = drain(full_at, quota, 1000.0 + wait + 1e-6)
    assert again == 1
    assert drain(full_at, quota, 1060.0)[0] == quota


def test_what_is_left_is_told_and_how_long_nothing_is() -> None:
    full_at = 0.0
    left = []
    for _ in range(4):
        taken, full_at = take(full_at, 3, 50.0)
        left.append((taken.allowed, taken.left, taken.wait))
    assert left == [(True, 2, 0), (True, 1, 0), (True, 0, 20), (False, 0, 20)]


def test_a_time_from_before_a_restart_is_no_debt() -> None:
    taken, _ = take(900_000.0, 10, 12.0)
    assert (taken.allowed, taken.left) == (True, 9)


def test_a_smaller_quota_takes_effect_at_once() -> None:
    _, full_at, _ = drain(0.0, 100, 10.0)
    taken, _ = take(full_at, 2, 11.0)
    assert not taken.allowed


SECOND = """
import sys
from pathlib import Path
from serving.access.buckets import Buckets
print(Buckets(Path(sys.argv[1])).take("k", 5).left)
"""


def test_workers_share_a_bucket(tmp_path: Path) -> None:
    buckets = Buckets(tmp_path / "rates")
    assert [buckets.take("k", 5).left for _ in range(2)] == [4, 3]
    told = subprocess.run(
        [sys.executable, "-c", SECOND, str(tmp_path / "rates")],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert int(told.stdout) == 2
    assert buckets.take("k", 5).left == 1
    assert buckets.take("other", 5).left == 4
    buckets.close()


def test_without_a_folder_each_worker_counts_for_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    buckets = Buckets(tmp_path / "file" / "rates")
    assert [buckets.take("k", 2).allowed for _ in range(3)] == [True, True, False]
    assert "each worker for itself" in caplog.text


def test_where_the_disk_is_full_a_worker_counts_for_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "k").symlink_to("/dev/full")
    buckets = Buckets(tmp_path)
    assert [buckets.take("k", 2).allowed for _ in range(3)] == [True, True, False]
    assert "each worker for itself: No space left on device." in caplog.text


ALONE = ("unshare", "--map-root-user", "--mount")
"""Runs a command in a place of its own, where it may mount what it likes."""

FULL = """
import contextlib, subprocess, sys
from pathlib import Path
from serving.access.buckets import Buckets
disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], check=True)
buckets = Buckets(disk / "rates")
buckets.take("known", 5)
with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
    while True:
        filler.write(bytes(4096))
print(buckets.take("known", 5).left, buckets.take("new", 5).left)
"""


def may_mount() -> bool:
    tried = [*ALONE, "true"]
    found = shutil.which(ALONE[0]) is not None
    return found and subprocess.run(tried, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="no place of its own to mount a small disk in")
def test_a_key_that_first_asks_on_a_full_disk_ends_nothing(tmp_path: Path) -> None:
    told = subprocess.run(
        [*ALONE, sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (told.returncode, told.stdout) == (0, "3 4\n"), told.stderr
