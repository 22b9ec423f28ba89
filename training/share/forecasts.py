"""Forecast posts and comparisons with known outcomes as drafts, beside simpler forecasts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.account import history
from features.account.past import AccountPast
from features.schema import FloatArray, Post
from features.tables.validation import posts_of
from features.text.encoder import Encoder
from models import grounds
from models.grounds import Spoken
from models.hashing import weighted
from models.score import Note
from models.spoken import is_told_by_account, speak
from models.textview import word_counts
from training.embedding import EMBED, Embedder
from training.judging.bootstrap import Floats
from training.judging.reports import UNKNOWN
from training.share.comparison_report import ComparisonRows, comparison_rows
from training.share.data import settled
from training.share.holdout import block_codes
from training.share.pairs import longer_wins
from training.share.pasts import known_pasts, usual_languages
from training.share.recall import recalled
from training.share.report import BLOCKS, ShareRows, account_codes

if TYPE_CHECKING:
    from models.share import ShareModel
    from models.share_forecast import ShareForecast
    from models.textview import TextView

EXPLAINED = 1000
WORDS = "posts_words"
"""The half of a share model's text view that is a ridge on TF-IDF, fitted on posts."""


@dataclass(frozen=True, slots=True)
class PostInputs:
    """What a share model takes, for n drafts; see `models.share.ShareModel.predict`."""

    posts: list[Post]
    vectors: FloatArray
    states: FloatArray
    pasts: list[AccountPast]
    recalled: FloatArray

    def take(self, rows: NDArray[np.intp]) -> "PostInputs":
        """Return some of the drafts."""
        places = rows.tolist()
        return PostInputs(
            [self.posts[place] for place in places],
            self.vectors[rows],
            self.states[rows],
            [self.pasts[place] for place in places],
            self.recalled[rows],
        )


@dataclass(frozen=True, slots=True)
class JudgedPosts:
    """Posts with results, their forecast, and simpler scores for them.

    Attributes
    ----------
    rows
        What reports are made of.
    baselines
        Scores by name, (n,) each.
    inputs
        What the model was given, in the order of `rows`.
    places
        Where in the table each of them stands.
    unsettled
        Posts of the table that were left out: their shares were counted too early to tell.
    """

    rows: ShareRows
    baselines: Mapping[str, Floats]
    inputs: "PostInputs"
    places: NDArray[np.intp]
    unsettled: int


@dataclass(frozen=True, slots=True)
class JudgedComparisons:
    """Comparisons, their forecast, and simpler forecasts; see `JudgedPosts`."""

    rows: ComparisonRows
    baselines: Mapping[str, Floats]


def drafts(posts: Sequence[Post], spoken: Sequence[Spoken]) -> list[Post]:
    """Return posts as the drafts they were, in the language that they are read in."""
    return [replace(post, language=said.code) for post, said in zip(posts, spoken, strict=True)]


def judge_posts(
    frame: pd.DataFrame,
    model: "ShareModel",
    encoder: Encoder,
    embed: Embedder = EMBED,
    judged: NDArray[np.bool_] | None = None,
    languages: Collection[str] | None = None,
) -> JudgedPosts:
    """Forecast each post as a draft at its `published_at`, its account's history from the table.

    Parameters
    ----------
    frame
        A canonical posts table.
    model, encoder
        A fitted model and the encoder that it was fitted on.
    embed
        How texts become vectors.
    judged
        Which rows to judge, the others being history; then blocks of an account's consecutive
        posts are resampled instead of accounts. None judges all.
    languages
        Those that the emotion model has learnt which scores beside this one: the scorer refuses
        all others. None refuses no post for its language.
    """
    states, pasts, whole = history.states(frame), known_pasts(frame), frame
    asked = np.ones(len(frame), dtype=np.bool_) if judged is None else judged
    kept = np.flatnonzero(settled(frame) & asked)
    frame, states = frame.iloc[kept], states[kept]
    posts = posts_of(frame)
    spoken = _spoken(whole, kept, posts)
    posts = drafts(posts, spoken)
    vectors = embed(encoder, [post.text for post in posts])
    told = recalled(whole, kept, model.recall)
    inputs = PostInputs(posts, vectors, states, [pasts[row] for row in kept], told)
    forecast = model.predict(posts, vectors, states, inputs.pasts, told, explain=False)
    refusals = _refusals(posts, spoken, forecast.novelty, languages)
    rows = _share_rows(frame, posts, states, forecast, refusals)
    if not asked.all():
        rows = replace(rows, codes=block_codes(frame), unit=BLOCKS)
    return JudgedPosts(
        rows=rows,
        baselines=_simple_scores(posts, model),
        inputs=inputs,
        places=kept,
        unsettled=int(asked.sum()) - len(kept),
    )


def family_sizes(model: "ShareModel", inputs: PostInputs, seed: int) -> dict[str, float]:
    """Return the mean absolute contribution of each feature family to the score.

    Contributions cost far more than scores: a seeded draw of `EXPLAINED` posts stands for all.
    """
    rng = np.random.default_rng(seed)
    count = min(EXPLAINED, len(inputs.posts))
    part = inputs.take(np.sort(rng.choice(len(inputs.posts), count, replace=False)))
    forecast = model.predict(part.posts, part.vectors, part.states, part.pasts, part.recalled)
    sizes = np.abs(forecast.effects).mean(axis=0)
    return dict(zip(forecast.families, map(float, sizes), strict=True)) if count else {}


def _spoken(whole: pd.DataFrame, kept: NDArray[np.intp], posts: Sequence[Post]) -> list[Spoken]:
    """Return the language of the posts at `kept`, as the scorer would have told it then."""
    places = kept.tolist()
    asked = [row for row, post in zip(places, posts, strict=True) if is_told_by_account(post)]
    usual = usual_languages(whole, asked)
    return speak(posts, [usual.get(row) for row in places])


def _share_rows(
    frame: pd.DataFrame,
    posts: Sequence[Post],
    states: FloatArray,
    forecast: "ShareForecast",
    refusals: Sequence[str],
) -> ShareRows:
    fields = {
        "score": forecast.score,
        "expected": forecast.expected_shares,
        "low": forecast.expected_low,
        "high": forecast.expected_high,
        "beats_median": forecast.beats_median,
        "level": states[:, history.LEVEL],
        "spread": states[:, history.SPREAD],
    }
    arrays: dict[str, Any] = {
        name: np.asarray(values, dtype=np.float64) for name, values in fields.items()
    }
    return ShareRows(
        shares=frame["shares"].to_numpy(np.float64),
        codes=account_codes(frame),
        platforms=[post.platform or "other" for post in posts],
        languages=[post.language or UNKNOWN for post in posts],
        refusals=refusals,
        **arrays,
    )


def _refusals(
    posts: Sequence[Post],
    spoken: Sequence[Spoken],
    novelty: FloatArray,
    languages: Collection[str] | None,
) -> list[str]:
    """Return why the scorer would abstain; empty where it would not."""

    def refuse(post: Post, said: Spoken, new: float) -> Note | None:
        note = grounds.refuse_text(post.text)
        if note is None and languages is not None:
            note = grounds.refuse_language(said, languages)
        return note or grounds.refuse_novelty(new)

    told = zip(posts, spoken, map(float, novelty), strict=True)
    return [note.code if (note := refuse(*one)) else "" for one in told]


def _simple_scores(posts: Sequence[Post], model: "ShareModel") -> dict[str, Floats]:
    texts = [post.text for post in posts]
    return {
        "length": np.array([len(text) for text in texts], dtype=np.float64),
        "tfidf_ridge": words_score(texts, model.view, WORDS),
    }


def words_score(texts: Sequence[str], view: "TextView", output: str) -> Floats:
    """Return the score of the TF-IDF ridge that a version carries, (n,)."""
    column = view.names.index(output if output in view.names else WORDS) // 2
    return np.asarray(weighted(word_counts(texts), view.idf) @ view.words[:, column], np.float64)


def judge_comparisons(
    frame: pd.DataFrame, model: "ShareModel", encoder: Encoder, embed: Embedder = EMBED
) -> JudgedComparisons:
    """Forecast which of two texts wins, as drafts of an account without history.

    Parameters
    ----------
    frame
        A canonical comparisons table.
    model, encoder
        A fitted model and the encoder that it was fitted on.
    embed
        How texts become vectors.
    """
    texts = [posts_of(_side(frame, name)) for name in ("text_a", "text_b")]
    sides = [drafts(posts, speak(posts)) for posts in texts]
    states = np.repeat(history.state(None, None, None)[None, :], len(frame), axis=0)
    vectors = [embed(encoder, [post.text for post in posts]) for posts in sides]
    first, second = (
        model.score(posts, embedded, states) for posts, embedded in zip(sides, vectors, strict=True)
    )
    platforms = [post.platform for post in sides[0]]
    words = [_words(posts, model.view) for posts in sides]
    return JudgedComparisons(
        rows=comparison_rows(frame, np.asarray(model.compare(first, second, platforms))),
        baselines={
            "longer_wins": longer_wins(frame["text_a"], frame["text_b"]),
            "tfidf_ridge": 0.5 + 0.5 * np.sign(words[0] - words[1]),
        },
    )


def _side(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    kept = [name for name in ("platform", "language") if name in frame]
    return frame[[column, *kept]].rename(columns={column: "text"})


def _words(posts: Sequence[Post], view: "TextView") -> Floats:
    """Return the TF-IDF score of each draft, by what was fitted on its platform's comparisons."""
    texts = [post.text for post in posts]
    scores = np.zeros(len(posts))
    platforms = np.array([post.platform or "" for post in posts], dtype=np.str_)
    for platform in np.unique(platforms):
        rows = np.flatnonzero(platforms == platform)
        scores[rows] = words_score([texts[row] for row in rows], view, f"{platform}_words")
    return scores
