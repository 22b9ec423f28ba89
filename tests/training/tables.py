"""Small tables whose truth a reader can see: which words do what is written here."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from features.tables.validation import read_comparisons, read_emotion, read_posts
from training.run import TrainingTable

GOOD, BAD, PLAIN = (
    ("joy", "happy", "great", "love", "win"),
    ("sad", "loss", "smutek", "fear", "angry"),
    ("the", "a", "is", "we", "today", "now", "new", "sale"),
)
START = datetime(2025, 1, 1, 9, tzinfo=UTC)


def sentence(rng: np.random.Generator, mood: float) -> str:
    """Eight words; a mood of 1 takes good ones only, of -1 bad ones only."""
    words = list(rng.choice(PLAIN, 4))
    words += [str(rng.choice(GOOD if rng.random() < (1 + mood) / 2 else BAD)) for _ in range(4)]
    rng.shuffle(words)
    return " ".join(map(str, words))


def mood_of(text: str) -> float:
    """Good words less bad words, -1..1."""
    words = text.split()
    return (sum(word in GOOD for word in words) - sum(word in BAD for word in words)) / 4


def emotion_table(folder: Path, rows: int = 700, seed: int = 0) -> TrainingTable:
    """Joy and sadness follow the words, with some noise; nothing else is labelled."""
    rng = np.random.default_rng(seed)
    texts = [f"{sentence(rng, rng.uniform(-1, 1))} {number}" for number in range(rows)]
    mood = np.array([mood_of(text) for text in texts])
    noisy = mood + rng.normal(0, 0.1, rows)
    frame = pd.DataFrame(
        {
            "text": texts,
            "language": "en",
            "joy": np.clip(noisy, 0, 1).round(3),
            "sadness": np.clip(-noisy, 0, 1).round(3),
        }
    )
    path = folder / f"rated-{seed}.csv"
    frame.to_csv(path, index=False)
    return TrainingTable.of_file(path, read_emotion(path).frame)


def posts_table(
    folder: Path, accounts: int = 90, posts: int = 24, seed: int = 0, gain: float = 0.8
) -> TrainingTable:
    """Good words are shared `exp(gain)` times as often as none, and so are posts of the evening."""
    rng = np.random.default_rng(seed)
    rows = []
    for account in range(accounts):
        level = rng.uniform(1.5, 5)
        for number in range(posts):
            text = sentence(rng, rng.uniform(-1, 1))
            evening = bool(rng.random() < 0.5)
            log = level + gain * (mood_of(text) + evening) + rng.normal(0, 0.7)
            rows.append(
                {
                    "post_id": f"{account}-{number}",
                    "account_id": f"account-{account}",
                    "platform": "facebook" if account % 2 else "x",
                    "text": text,
                    "language": "en",
                    "published_at": START + timedelta(days=2 * number, hours=11 * evening),
                    "shares": round(float(np.expm1(max(log, 0)))),
                }
            )
    path = folder / f"posts-{seed}.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return TrainingTable.of_file(path, read_posts(path).frame)


def comparisons_table(folder: Path, rows: int = 400, seed: int = 0) -> TrainingTable:
    """The text with the better mood wins, nine times in ten."""
    rng = np.random.default_rng(seed)
    pairs = [(sentence(rng, rng.uniform(-1, 1)), sentence(rng, rng.uniform(-1, 1)))
             for _ in range(rows)]  # fmt: skip
    lead = np.array([mood_of(a) - mood_of(b) for a, b in pairs])
    won = np.where(rng.random(rows) < 0.9, lead > 0, lead <= 0)
    frame = pd.DataFrame(
        {
            "text_a": [a for a, _ in pairs],
            "text_b": [b for _, b in pairs],
            "winner": np.where(won, "a", "b"),
            "group_id": [f"test-{number // 2}" for number in range(rows)],
            "platform": "web",
            "language": "en",
            "p_value": rng.choice([0.01, 0.3], rows),
        }
    )
    path = folder / f"pairs-{seed}.csv"
    frame.to_csv(path, index=False)
    return TrainingTable.of_file(path, read_comparisons(path).frame)
