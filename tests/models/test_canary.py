from dataclasses import replace

import pytest

from features.errors import ModelError
from models import canary
from tests.serving.standins import TinyShare, loaded


def test_a_whole_version_scores_its_canary_as_recorded() -> None:
    assert canary.check(loaded("emotion")) == 0
    assert canary.check(loaded("share")) == 0


def test_a_version_that_scores_otherwise_fails_its_canary() -> None:
    recorded = loaded("share").canary
    changed = replace(loaded("share", "2", TinyShare(base=0.9)), canary=recorded)
    with pytest.raises(ModelError, match=r"prescore-share version 2 failed its canary: .* 0\.800"):
        canary.check(changed)


def test_a_version_without_a_record_is_not_judged() -> None:
    assert canary.check(replace(loaded("emotion"), canary=None)) is None


def test_a_record_with_other_forecasts_fails() -> None:
    part = loaded("emotion")
    assert part.canary is not None
    other = {**part.canary, "scores": {"joy": 0.2}}
    with pytest.raises(ModelError, match="failed its canary"):
        canary.check(replace(part, canary=other))
