"""Labelled tables as the training of the share model sees them: targets, weights, cut histories."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import vstack

from features.account import history
from features.account.history import LEVEL, SPREAD, account_keys
from features.account.past import settled_log_shares
from features.errors import TrainingError
from features.schema import FloatArray, Post
from features.tables.validation import latest, posts_of
from features.text.cleaning import reading_once
from features.text.language import resolve_language
from models.hashing import Sparse, weighted
from models.recall import nothing
from models.share_columns import CLOCK_AT, fixed_columns
from models.share_rows import Rows
from models.textview import TextView, dense_columns, word_counts
from training.splits import BoolArray, group_folds, vault

Floats = NDArray[np.float64]
Encode = Callable[[Sequence[str]], FloatArray]

OUTCOME_LIMIT = 4.0
"""Spreads beyond which an outcome trains no harder: one viral post must not rule the fit."""

RICH_SHARE, THIN_SHARE = 0.65, 0.2
"""Of the posts; the rest train without any history."""

LONGEST_THIN = 30
CLOCK_MISSING = 0.15
SMALLEST_ACCOUNT = 5
FEW_ACCOUNTS = 5
TIME_PARTS = 10

READ_TOGETHER = 1000
"""Posts whose texts are read in one go; a training that is stopped waits for so many at most."""


@dataclass(frozen=True, eq=False)
class PostRows:
    """Posts with results, ready to be fitted on.

    Attributes
    ----------
    frame
        The canonical rows.
    posts
        The same as drafts, language resolved.
    keys
        Account of each row.
    counts
        `models.textview.word_counts`.
    embeddings, fixed, states, recalled
        Blocks of columns; `states` may have been cut short.
    outcome, unclipped
        (log1p shares - baseline) / spread; NaN without any baseline. What is fitted on takes the
        first, which is winsorised; intervals must hold the second.
    weights
        Mean 1.
    """

    frame: pd.DataFrame
    posts: list[Post]
    keys: NDArray[np.str_]
    counts: Any
    embeddings: FloatArray
    fixed: FloatArray
    states: FloatArray
    recalled: FloatArray
    outcome: Floats
    unclipped: Floats
    weights: Floats

    def __len__(self) -> int:
        """Number of posts."""
        return len(self.posts)

    @property
    def dense(self) -> FloatArray:
        """`models.textview.dense_columns`, made anew: kept, they take as much as embeddings."""
        return dense_columns(self.embeddings, self.fixed)

    def take(self, rows: NDArray[Any]) -> "PostRows":
        """Some of the rows, by place or by mask."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return PostRows(
            self.frame.iloc[places],
            [self.posts[place] for place in places],
            self.keys[places],
            self.counts[places],
            self.embeddings[places],
            self.fixed[places],
            self.states[places],
            self.recalled[places],
            self.outcome[places],
            self.unclipped[places],
            self.weights[places],
        )

    def rows(self, views: FloatArray) -> Rows:
        """As the trees take them, given their text-view columns."""
        return Rows(
            [post.platform for post in self.posts],
            [post.language for post in self.posts],
            self.embeddings,
            views,
            self.fixed,
            self.states,
            self.recalled,
            np.zeros(len(self)),
        )


@dataclass(frozen=True, eq=False)
class PairRows:
    """Comparisons, ready to be fitted on.

    Attributes
    ----------
    first, second
        The two sides as drafts without account or time.
    won
        1 where the first side won.
    groups
        Test or topic of each pair.
    platforms
        One name per pair.
    weights
        How much a result is to be believed; mean 1.
    weeks
        Sortable week of each test, empty where the table has none.
    taught
        Whether the encoder learnt from the pair: such pairs tell nothing of how far to trust it.
    """

    first: PostRows
    second: PostRows
    won: NDArray[np.float64]
    groups: NDArray[np.str_]
    platforms: NDArray[np.str_]
    weights: Floats
    weeks: NDArray[np.str_]
    taught: BoolArray

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.won)

    def take(self, mask: NDArray[Any]) -> "PairRows":
        """Some of the pairs, by mask."""
        return PairRows(
            self.first.take(mask),
            self.second.take(mask),
            self.won[mask],
            self.groups[mask],
            self.platforms[mask],
            self.weights[mask],
            self.weeks[mask],
            self.taught[mask],
        )


def gather_posts(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Canonical tables one after the other; a post in several counts once, as collected last."""
    if not frames:
        raise TrainingError("No posts were given; add some with --posts or --history.")
    return latest(pd.concat(list(frames), ignore_index=True)).reset_index(drop=True)


def chosen(frame: pd.DataFrame, per_account: int, seed: int) -> NDArray[np.intp]:
    """Return the places of the posts to fit on: at most `per_account` of each, spread over time.

    Long accounts teach little more with their thousandth post, and each costs an embedding.
    Posts that cannot be learnt from are left out: no account, an unsettled count, a repost.
    """
    usable, keys = usable_posts(frame), keys_of(frame)
    draw = np.random.default_rng(seed).random(len(frame))
    rank = pd.Series(draw).where(usable).groupby(keys).rank(method="first")
    return np.flatnonzero((rank <= per_account).to_numpy())


def usable_posts(frame: pd.DataFrame) -> BoolArray:
    """True for posts that can be learnt from: of an account, settled, no repost; (n,)."""
    usable = frame["account_id"].notna() & ~frame["text"].str.startswith("RT @")
    return np.asarray(usable & settled(frame), dtype=np.bool_)


def settled(frame: pd.DataFrame) -> BoolArray:
    """Return True for the posts whose shares were counted late enough to be judged by, (n,)."""
    known = np.zeros(len(frame), dtype=np.bool_)
    for platform, rows in frame.groupby("platform", dropna=False).indices.items():
        name = platform if isinstance(platform, str) else None
        known[rows] = np.isfinite(settled_log_shares(frame.iloc[rows], name))
    return known


def outcomes_of(frame: pd.DataFrame) -> Floats:
    """Return how posts did against their account's recent baseline, clipped as in training, (n,).

    In spreads of the account; NaN without any baseline.
    """
    logs = np.log1p(frame["shares"].to_numpy(np.float64))
    outcome = history.relative(logs, history.states(frame))
    return np.asarray(np.clip(outcome, -OUTCOME_LIMIT, OUTCOME_LIMIT), dtype=np.float64)


def shortened(rows: int, seed: int) -> NDArray[np.int64]:
    """Return how many past posts each row may see: most all, some a few, some none."""
    draw = np.random.default_rng(seed)
    kind, few = draw.random(rows), draw.random(rows)
    limits = np.full(rows, np.iinfo(np.int64).max)
    limits[kind > RICH_SHARE] = np.exp(few * np.log(LONGEST_THIN))[kind > RICH_SHARE].astype(int)
    limits[kind > RICH_SHARE + THIN_SHARE] = 0
    return limits


def post_rows(
    frame: pd.DataFrame,
    places: NDArray[np.intp],
    encode: Encode,
    limits: NDArray[np.int64] | None,
    seed: int,
) -> PostRows:
    """Make the training rows of some posts of a table; histories come from the whole table.

    Parameters
    ----------
    frame
        A canonical posts table.
    places
        Which of its rows.
    encode
        Texts to embeddings.
    limits
        As of `history.states`, for every row of `frame`; None keeps histories whole.
    seed
        Draws the rows whose clock is hidden; only when `limits` are given.
    """
    whole = history.states(frame)[places]
    states = whole if limits is None else history.states(frame, limits)[places]
    part = frame.iloc[places]
    known = np.isfinite(states[:, LEVEL])
    level = np.where(known, states[:, LEVEL], whole[:, LEVEL]).astype(np.float64)
    spread = np.where(known, states[:, SPREAD], whole[:, SPREAD]).astype(np.float64)
    outcome = (np.log1p(part["shares"].to_numpy(np.float64)) - level) / spread
    keys = keys_of(part)
    rows = blocks(part, posts_of(part), keys, encode)
    fixed = rows.fixed if limits is None else _clockless(rows.fixed, seed)
    return replace(
        rows,
        fixed=fixed,
        states=states,
        outcome=np.clip(outcome, -OUTCOME_LIMIT, OUTCOME_LIMIT),
        unclipped=outcome,
        weights=account_weights(keys),
    )


def pair_rows(frame: pd.DataFrame, encode: Encode) -> PairRows:
    """Make the training rows of a canonical comparisons table."""
    sides = []
    for name in ("text_a", "text_b"):
        side = frame[[name, "platform", "language"]].rename(columns={name: "text"})
        sides.append(blocks(side, posts_of(side), np.full(len(side), "", np.str_), encode))
    platforms = frame["platform"].astype(object).where(frame["platform"].notna(), "")
    weeks = frame["test_week"] if "test_week" in frame else pd.Series("", index=frame.index)
    return PairRows(
        sides[0],
        sides[1],
        np.asarray(frame["winner"] == "a", dtype=np.float64),
        frame["group_id"].astype(str).to_numpy(np.str_),
        platforms.astype(str).to_numpy(np.str_),
        belief(frame),
        weeks.astype(str).to_numpy(np.str_),
        np.zeros(len(frame), dtype=np.bool_),
    )


def belief(frame: pd.DataFrame) -> Floats:
    """Weight of each comparison: a test that chance explains as well says little.

    Proportional to -log p, between 0.2 and 8 before scaling to mean 1; 1 without a p-value.
    """
    if "p_value" not in frame:
        return np.ones(len(frame))
    p = pd.to_numeric(frame["p_value"]).to_numpy(np.float64)
    weights = np.clip(-np.log(np.maximum(p, 1e-300)), 0.2, 8.0)
    known = np.isfinite(weights)
    mean = weights[known].mean() if known.any() else 1.0
    return np.where(known, weights / mean, 1.0)


def account_weights(keys: NDArray[np.str_]) -> Floats:
    """Weights by the inverse root of an account's posts: between one vote a post and an account."""
    counts = pd.Series(keys).groupby(keys).transform("size").to_numpy(np.float64)
    weights = 1 / np.sqrt(np.maximum(counts, SMALLEST_ACCOUNT))
    return np.asarray(weights / weights.mean())


def in_vault(frame: pd.DataFrame) -> BoolArray:
    """True for posts of accounts that no training may see."""
    return vault(keys_of(frame).tolist())


def held_out_comparisons(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the comparisons of groups that no training may see."""
    return frame[vault(frame["group_id"].astype(str))].reset_index(drop=True)


def folds_of(keys: NDArray[np.str_], seed: int, folds: int) -> NDArray[np.intp]:
    """Fold of each row; an account or group is never split."""
    return group_folds(keys.tolist(), seed, folds)


def post_folds(posts: PostRows, seed: int, folds: int) -> NDArray[np.intp]:
    """Fold of each post: whole accounts, or a tenth of an account's time where there are few."""
    keys = pd.Series(posts.keys)
    whole = folds_of(posts.keys, seed, folds)
    if keys.nunique() >= FEW_ACCOUNTS and len(np.unique(whole)) == folds:
        return whole
    order = posts.frame["published_at"].reset_index(drop=True).groupby(keys).rank(pct=True)
    parts = np.minimum(order * TIME_PARTS, TIME_PARTS - 1).astype(int).astype(str)
    return folds_of((keys + "\0" + parts).to_numpy(np.str_), seed, folds)


def view_columns(view: TextView, rows: PostRows) -> FloatArray:
    """Text-view columns of rows whose words are counted already."""
    return view.score(weighted(rows.counts, view.idf), rows.dense)


def blocks(
    frame: pd.DataFrame, drafts: list[Post], keys: NDArray[np.str_], encode: Encode
) -> PostRows:
    """Make rows of drafts without history or outcome.

    Parameters
    ----------
    frame
        The canonical rows.
    drafts
        The same as drafts.
    keys
        Account of each.
    encode
        Texts to embeddings.
    """
    n = len(drafts)
    parts = [drafts[start : start + READ_TOGETHER] for start in range(0, n, READ_TOGETHER)]
    # One core reads beside the encoder, which leaves Python's lock to others nearly all the time.
    with ThreadPoolExecutor(1) as aside:
        try:
            reading = [aside.submit(_read, part) for part in parts]
            embeddings = encode([post.text for post in drafts])
            posts, fixed, counts = zip(*(part.result() for part in reading), strict=True)
        except BaseException:
            aside.shutdown(cancel_futures=True)
            raise
    return PostRows(
        frame=frame,
        posts=[post for part in posts for post in part],
        keys=keys,
        counts=vstack(counts).tocsr(),
        embeddings=embeddings,
        fixed=np.concatenate(fixed),
        states=np.repeat(history.state(None, None, None)[None, :], n, axis=0),
        recalled=nothing(n),
        outcome=np.full(n, np.nan),
        unclipped=np.full(n, np.nan),
        weights=np.ones(n),
    )


@reading_once()
def _read(drafts: Sequence[Post]) -> tuple[list[Post], FloatArray, Sparse]:
    """Return drafts with their language, and what is counted in them."""
    languages = resolve_language(drafts)
    posts = [replace(post, language=code) for post, code in zip(drafts, languages, strict=True)]
    return posts, fixed_columns(posts), word_counts([post.text for post in posts])


def _clockless(fixed: FloatArray, seed: int) -> FloatArray:
    hidden = np.random.default_rng(seed + 1).random(len(fixed)) < CLOCK_MISSING
    fixed = fixed.copy()
    fixed[hidden, CLOCK_AT] = np.nan
    return fixed


def keys_of(frame: pd.DataFrame) -> NDArray[np.str_]:
    """Account of each row, (n,)."""
    columns = [
        frame[name].astype(object).where(frame[name].notna(), None).tolist()
        for name in ("platform", "account_id")
    ]
    return np.array(account_keys(*columns), dtype=np.str_)
