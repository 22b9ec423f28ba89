"""Fitting what comparisons tell of wording: gains of the text views, and the worth of a lead."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_expit, log_ndtr

from features.schema import FloatArray
from models.population import ANY
from models.share_rows import LUCK, Blend
from training.share.data import Floats, PairRows, PostRows

GAIN_PENALTY = 1.0
"""On squared gains of standardised columns, against the summed log loss."""

APART = float(np.log(2))
ANY_GAP = 1e-9
LEADS = 200_000
"""Pairs that a slope or a luck is fitted on, drawn from all."""

FEWEST_PAIRS = 200
LUCK_BOUNDS = (0.05, 20.0)
FEW_ACCOUNTS = 50
"""Accounts of a platform that tell as much of its luck as all platforms together."""

STEEPNESS = 1.2
"""log odds of winning per unit of score while fitting: what pairs of posts measured."""

ARTICLES = "web"


def post_leads(posts: PostRows, score: Floats, seed: int, apart: float = APART) -> Floats:
    """Return how far the score of the winner leads, for pairs of posts of one account.

    Only pairs at least `apart` on the scale of log(1 + shares) have a winner, and equals never.
    Neighbours in a random order are paired, so the cost is that of one sort.

    Returns
    -------
    ndarray of shape (m,)
        Negative where the score had the pair wrong.
    """
    draw = np.random.default_rng(seed)
    order = np.lexsort((draw.random(len(posts)), posts.keys))
    log_shares = np.log1p(posts.frame["shares"].to_numpy(np.float64))
    leads = []
    for step in (1, 2, 3):
        first, second = order[:-step], order[step:]
        gap = log_shares[first] - log_shares[second]
        kept = (posts.keys[first] == posts.keys[second]) & (np.abs(gap) >= max(apart, ANY_GAP))
        leads.append((np.sign(gap) * (score[first] - score[second]))[kept])
    found = np.concatenate(leads)
    return draw.choice(found, LEADS, replace=False) if len(found) > LEADS else found


def slope_of(leads: Floats, weights: Floats | None = None) -> float:
    """Return the log odds of winning per unit of lead that make the leads likeliest, at least 0."""
    if len(leads) < FEWEST_PAIRS:
        return STEEPNESS
    share = np.ones(len(leads)) if weights is None else weights

    def loss(slope: NDArray[np.float64]) -> float:
        return float(-(share * log_expit(slope[0] * leads)).mean())

    found = minimize(loss, np.array([STEEPNESS]), method="L-BFGS-B", bounds=[(0.0, 50.0)])
    return float(found.x[0])


def luck_of_posts(posts: PostRows, score: Floats, seed: int) -> dict[str, float]:
    """Return how far posts land from their scores, as far as it decides which gets further.

    Fitted on pairs of posts of one account, however close they came; see `models.share_rows.Blend`.
    Sources of one platform differ in it no less than platforms do (BENCHMARKS): a platform of few
    accounts leans on all of them.

    Parameters
    ----------
    posts
        Posts with results.
    score
        Shape (n,), each by trees that saw no post of its account.
    seed
        Draws the pairs.

    Returns
    -------
    dict
        Platform -> standard deviation in spreads; that of all of them together under `ANY`.
    """
    everywhere = luck_of(post_leads(posts, score, seed, apart=0.0))
    platforms = np.array([post.platform or ANY for post in posts.posts], dtype=np.str_)
    found = {ANY: everywhere}
    for name in np.unique(platforms[platforms != ANY]):
        rows = platforms == name
        leads = post_leads(posts.take(rows), score[rows], seed, apart=0.0)
        accounts = len(np.unique(posts.keys[rows])) if len(leads) >= FEWEST_PAIRS else 0
        found[str(name)] = leaning(luck_of(leads), everywhere, accounts)
    return found


def leaning(own: float, everywhere: float, accounts: int) -> float:
    """Return the luck of a platform of so many accounts: few of them lean on all platforms.

    Parameters
    ----------
    own, everywhere
        Fitted on the platform's posts, and on those of all.
    accounts
        Of the platform.
    """
    return float(everywhere * (own / everywhere) ** (accounts / (accounts + FEW_ACCOUNTS)))


def luck_of(leads: Floats) -> float:
    """Return the standard deviation that makes the leads likeliest; `LUCK` with too few of them.

    Parameters
    ----------
    leads
        As of `post_leads`.
    """
    if len(leads) < FEWEST_PAIRS:
        return LUCK

    def loss(luck: float) -> float:
        return float(-log_ndtr(leads / (np.sqrt(2) * luck)).mean())

    return float(minimize_scalar(loss, bounds=LUCK_BOUNDS, method="bounded").x)


def fit_gains(views: Floats, pairs: PairRows, leads: Floats | float = 0.0) -> Floats:
    """Return gains that make sigmoid(STEEPNESS * (views @ gains + leads)) the first side's odds.

    Parameters
    ----------
    views
        First side less second side, (n, v).
    pairs
        Who won.
    leads
        What else speaks for the first side, (n,).
    """
    scale = np.maximum(views.std(axis=0), 1e-9)
    columns = views / scale
    signs = 2 * pairs.won - 1

    def loss(gains: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = signs * STEEPNESS * (columns @ gains + leads)
        slack = pairs.weights * signs * STEEPNESS * expit(-odds)
        value = -(pairs.weights * log_expit(odds)).sum() + GAIN_PENALTY * (gains**2).sum()
        return float(value), -columns.T @ slack + 2 * GAIN_PENALTY * gains

    found = minimize(loss, np.zeros(columns.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / scale)


def all_gains(
    first: FloatArray, second: FloatArray, pairs: PairRows | None, platforms: Sequence[str]
) -> dict[str, Floats]:
    """Return the gains of each platform with comparisons, and of all others under `ANY`.

    A platform without comparisons borrows from that with the most: see `lender_of`.

    Parameters
    ----------
    first, second
        Text-view columns of the two sides, left out as of `training.share.views`.
    pairs
        The comparisons, or None. Those that taught the encoder tell nothing here: on them it is
        surer than it will be on new ones.
    platforms
        Those with a text-view output of their own.
    """
    gains = {ANY: np.zeros(first.shape[1])}
    if pairs is None:
        return gains
    fresh = ~pairs.taught
    gaps, pairs = first[fresh].astype(np.float64) - second[fresh], pairs.take(fresh)
    sizes = {name: int((pairs.platforms == name).sum()) for name in platforms}
    for name in (name for name in platforms if sizes[name]):
        mask = pairs.platforms == name
        gains[name] = fit_gains(gaps[mask], pairs.take(mask))
    lender = lender_of(sizes)
    return gains if lender is None else {**gains, ANY: gains[lender]}


def lender_of(sizes: Mapping[str, int]) -> str | None:
    """Return the platform that those without comparisons borrow from; None without any.

    Headlines of articles are written to other rules than posts.

    Parameters
    ----------
    sizes
        Comparisons by platform.
    """
    found = {name: size for name, size in sizes.items() if size and name != ARTICLES}
    return max(found, key=found.__getitem__, default=None)


def gains_beside_trees(
    gains: dict[str, Floats], gaps: Floats, pairs: PairRows, leads: Floats, posted: set[str]
) -> tuple[dict[str, Floats], Floats]:
    """Fit anew, now that the trees have spoken, the gains of platforms that have no posts.

    Trees learn from posts as well and take back part of what the views say of comparisons. Where a
    platform has posts, one score must do for both; where it has none, comparisons alone count.

    Parameters
    ----------
    gains
        As of `all_gains`, with which the leads were made.
    gaps
        Text-view columns of the first sides less those of the second, left out, (m, v).
    pairs
        The comparisons.
    leads
        By how much the first side leads, by trees that did not see its group, (m,).
    posted
        Platforms that posts are of.

    Returns
    -------
    The gains, and the leads that they make
    """
    gains, leads = dict(gains), leads.copy()
    for name in sorted(set(gains) - posted - {ANY}):
        mask = pairs.platforms == name
        rest = leads[mask] - gaps[mask] @ gains[name]
        fresh = ~pairs.taught[mask]
        gains[name] = fit_gains(gaps[mask][fresh], pairs.take(mask).take(fresh), rest[fresh])
        leads[mask] = rest + gaps[mask] @ gains[name]
    return gains, leads


def slopes(
    gains: dict[str, Floats],
    pairs: PairRows | None,
    leads: Floats,
    usual: float,
    luck: dict[str, float] | None = None,
) -> dict[str, Blend]:
    """Put gains and the worth of a lead together.

    Parameters
    ----------
    gains
        By platform, as of `all_gains`.
    pairs, leads
        The comparisons, and by how much the first side leads in scores that left its group out.
    usual
        The worth of a lead between posts, for platforms without comparisons.
    luck
        As of `luck_of_posts`; platforms that have posts only take their gains from `ANY`.
    """
    found = {}
    known = luck or {ANY: LUCK}
    for name in dict.fromkeys((*gains, *known)):
        values = gains.get(name, gains[ANY])
        worth = usual
        if pairs is not None and name != ANY and name in gains:
            mask = pairs.platforms == name
            worth = slope_of(leads[mask] * (2 * pairs.won[mask] - 1))
        found[name] = Blend(values.astype(np.float32), worth, known.get(name, known[ANY]))
    return found
