"""What each post's account remembered by then of posts like it: `models.recall` for tables."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from features.account.past import AccountPast, past_of, platform_of
from features.account.settling import settled_by
from features.cores import available_cores
from features.errors import TrainingError
from features.schema import FloatArray
from models.recall import (
    FEWEST,
    Memory,
    Reader,
    Readings,
    Recall,
    Recollection,
    nothing,
    relative_outcomes,
)
from training.share.data import keys_of

Places = NDArray[np.intp]

TOGETHER = 400
"""Posts of one account whose likeness is worked out at once; bounds memory, not what comes out."""

TOLD = ["platform", "text", "published_at", "collected_at", "shares", "post_id"]
"""What the past of an account is made of."""

ALL = np.iinfo(np.int64).max

SIDE_BY_SIDE = 10_000
"""Posts from which on other processes take part: they take seconds to start."""


@dataclass(frozen=True, eq=False)
class _Account:
    """The posts of one account in order of time, and which of them are asked about.

    `wanted` and `seen` have shape (m,): places of those asked about, and how many known posts each
    may see.
    """

    posts: pd.DataFrame
    wanted: Places
    seen: NDArray[np.int64]

    def take(self, mask: NDArray[np.bool_]) -> "_Account":
        """Return it with some of those asked about."""
        return _Account(self.posts, self.wanted[mask], self.seen[mask])


def recalled(
    frame: pd.DataFrame,
    places: Places,
    recall: Recall,
    limits: NDArray[np.int64] | None = None,
    tick: Callable[[int], None] | None = None,
) -> FloatArray:
    """Return the columns of `models.recall` for some posts, each from what was known before it.

    Asked about many posts, it starts processes: a script that calls it keeps what it does behind
    ``if __name__ == "__main__"``, as for anything of `multiprocessing`.

    Parameters
    ----------
    frame
        A canonical posts table of n rows.
    places
        m of its rows.
    recall
        How texts are read, and how much is recalled.
    limits
        Shape (n,): how many of the last known posts each row may see, as of `history.states`: as
        if no others had been imported.
    tick
        Called with the number of posts done since the last call.

    Returns
    -------
    ndarray of shape (m, 2)
    """
    found = nothing(len(frame))
    asked = np.zeros(len(frame), dtype=np.bool_)
    asked[places] = True
    asked[frame["account_id"].isna().to_numpy()] = False
    seen = np.full(len(frame), ALL) if limits is None else limits
    codes = pd.factorize(keys_of(frame))[0]
    order = np.lexsort((frame["shares"].to_numpy(np.float64), _times(frame), codes))
    accounts, answers = [], []
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        wanted = np.flatnonzero(asked[rows])
        if len(wanted):
            posts = frame.iloc[rows][TOLD]
            accounts.append(_Account(posts, wanted, seen[rows][wanted]))
            answers.append(rows[wanted])
    for rows, told in zip(answers, _each(accounts, recall), strict=True):
        found[rows] = told
        if tick is not None:
            tick(len(rows))
    return found[places]


def _each(accounts: Sequence[_Account], recall: Recall) -> Iterator[FloatArray]:
    """Yield the columns of each account's posts, in order; many on all cores."""
    ask = partial(_of_account, recall.reader, recall.memory)
    if sum(len(account.wanted) for account in accounts) < SIDE_BY_SIDE:
        yield from map(ask, accounts)
        return
    # Python's own work is most of it, which threads of one process cannot share.
    with ProcessPoolExecutor(
        available_cores(), get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN)
    ) as pool:
        try:
            yield from pool.map(ask, accounts)
        except BrokenProcessPool as err:
            raise TrainingError(
                "A process that recalls the pasts of accounts ended early, for want of memory "
                "perhaps. Nothing was lost: start the command again."
            ) from err


def _of_account(reader: Reader, memory: Memory, account: _Account) -> FloatArray:
    """Return the columns of the posts of one account that are asked about, (m, 2)."""
    platform, past = platform_of(account.posts), past_of(account.posts)
    counted = np.flatnonzero(np.isfinite(past.log_shares))
    ends = settled_by(past.times[counted], past.times[account.wanted], platform)
    short = account.seen < ends
    found = nothing(len(account.wanted))
    # Threads of linear algebra wait for each other longer than these small matrices take.
    with threadpool_limits(1):
        found[~short] = _of_whole_past(reader, memory, account.take(~short), past, platform)
        spans = [
            counted[end - seen : end]
            for end, seen in zip(ends[short], account.seen[short], strict=True)
        ]
        found[short] = _of_short_pasts(reader, memory, account.take(short), past, platform, spans)
    return found


def _of_whole_past(
    reader: Reader, memory: Memory, account: _Account, past: AccountPast, platform: str | None
) -> FloatArray:
    """Return the columns of posts that see all that was known before them, (m, 2)."""
    wanted, texts = account.wanted, account.posts["text"].tolist()
    outcomes = relative_outcomes(past, platform)
    known = np.flatnonzero(np.isfinite(outcomes))
    ends = settled_by(past.times[known], past.times[wanted], platform)
    starts = np.maximum(0, ends - memory.posts)
    found = nothing(len(wanted))
    for part in _parts(starts, ends, memory.posts):
        first, last = int(starts[part].min()), int(ends[part].max())
        posts = reader([texts[row] for row in known[first:last]])
        drafts = reader([texts[row] for row in wanted[part]])
        spans = np.column_stack([starts[part], ends[part]]) - first
        found[part] = _told(posts, drafts, outcomes[known[first:last]], spans, memory)
    return found


def _of_short_pasts(
    reader: Reader,
    memory: Memory,
    account: _Account,
    past: AccountPast,
    platform: str | None,
    spans: Sequence[Places],
) -> FloatArray:
    """Return the columns of posts that each see a few posts alone, (m, 2).

    What became of these few is measured against each other: that is all there would be, had no
    others been imported.
    """
    found = nothing(len(spans))
    texts = account.posts["text"].tolist()
    enough = np.array([row for row, span in enumerate(spans) if len(span) >= FEWEST], np.intp)
    for part in np.array_split(enough, range(TOGETHER, len(enough), TOGETHER)):
        if not len(part):
            continue
        needed = np.unique(np.concatenate([spans[row] for row in part]))
        posts = reader([texts[row] for row in needed])
        drafts = reader([texts[row] for row in account.wanted[part]])
        for place, row in enumerate(part):
            span = spans[row]
            few = AccountPast(past.times[span], past.log_shares[span])
            outcomes = relative_outcomes(few, platform)
            known = np.flatnonzero(np.isfinite(outcomes))[-memory.posts :]
            if len(known) < FEWEST:
                continue
            seen = posts.take(np.searchsorted(needed, span[known]))
            kept = Recollection.of(seen, seen.likeness(seen, memory), outcomes[known], memory)
            found[row] = kept.tell(drafts.take([place]).likeness(seen, memory))[0]
    return found


def _parts(starts: Places, ends: Places, most: int) -> Iterator[Places]:
    """Yield places of posts that see enough, in runs that see at most about `TOGETHER` posts."""
    enough = np.flatnonzero(ends - starts >= FEWEST)
    begin = 0
    while begin < len(enough):
        within = ends[enough[begin:]] <= max(
            starts[enough[begin]] + most + TOGETHER, ends[enough[begin]]
        )
        size = len(within) if within.all() else int(np.argmin(within))
        yield enough[begin : begin + size]
        begin += size


def _told(
    posts: Readings, drafts: Readings, outcomes: NDArray[np.float64], spans: Places, memory: Memory
) -> FloatArray:
    """Return the columns of n drafts, each of which sees the posts of one span; spans: (n, 2)."""
    among, now = posts.likeness(posts, memory), drafts.likeness(posts, memory)
    found = nothing(len(spans))
    for row, (start, end) in enumerate(spans):
        span = slice(start, end)
        kept = Recollection.of(posts, among[span, span], outcomes[span], memory)
        found[row] = kept.tell(now[row : row + 1, span])[0]
    return found


def _times(frame: pd.DataFrame) -> NDArray[np.int64]:
    return frame["published_at"].to_numpy(dtype="datetime64[ns]").astype(np.int64)
