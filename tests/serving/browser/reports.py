"""Reports of the real shape, from the functions that training uses, on made-up forecasts."""

from typing import Any

import numpy as np

from features.schema import INTENSITIES
from training.emotion.report import EmotionRows, emotion_report
from training.judging.bootstrap import Bootstrap
from training.judging.reports import jsonable
from training.share.report import ShareRows, posts_report

FEW = Bootstrap(resamples=50)
POSTS, ACCOUNTS = 600, 20
TEXTS = 200


def share_example() -> dict[str, Any]:
    """Scores that tell a little of the shares; two platforms, two languages."""
    random = np.random.default_rng(1)
    codes = np.arange(ACCOUNTS).repeat(POSTS // ACCOUNTS)
    level, score = np.full(POSTS, 3.0), random.normal(0, 0.5, POSTS)
    middle = level + 0.4 * score
    rows = ShareRows(
        shares=np.expm1(np.maximum(middle + random.normal(0, 0.8, POSTS), 0)),
        score=score,
        expected=np.expm1(middle),
        low=np.expm1(np.maximum(middle - 1.4, 0)),
        high=np.expm1(middle + 1.4),
        beats_median=1 / (1 + np.exp(-score)),
        level=level,
        spread=np.full(POSTS, 0.8),
        codes=codes,
        platforms=["facebook", "x"] * (POSTS // 2),
        languages=["pl"] * (POSTS // 2) + ["en"] * (POSTS // 2),
        refusals=[""] * POSTS,
    )
    found = posts_report(rows, {"length": random.normal(size=POSTS)}, FEW)
    return dict(jsonable({"posts": found}))


def emotion_example() -> dict[str, Any]:
    """Forecasts close to the labels; two languages."""
    random = np.random.default_rng(2)
    shape = (TEXTS, len(INTENSITIES))
    truth = random.uniform(0, 1, shape)
    value = np.clip(truth + random.normal(0, 0.2, shape), 0, 1)
    rows = EmotionRows(
        names=INTENSITIES,
        truth=truth,
        value=value,
        low=value - 0.35,
        high=value + 0.35,
        languages=["pl", "en"] * (TEXTS // 2),
        codes=np.arange(TEXTS),
    )
    return dict(jsonable(emotion_report(rows, {"constant": np.full(shape, 0.5)}, FEW)))
