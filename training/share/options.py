"""How a share model is trained, and where the work is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from features.schema import FloatArray
from features.text.encoder import Encoder
from training.embedding import EMBED, Embedder
from training.share.second_opinion import OpinionOptions
from training.share.trees import TreeOptions
from training.share.views import ViewOptions

Progress = Callable[[str, int, int], None]
"""Told (what is going on, done, in all)."""


@dataclass(frozen=True, slots=True)
class ShareOptions:
    """How a share model is trained.

    Attributes
    ----------
    per_account
        Most posts of one account that are fitted on; its whole history counts all the same.
    encoder_taught_here
        Whether the encoder was taught on these very tables. Posts that taught it are left out, and
        comparisons that did do not tell what its opinion is worth beside the words': it remembers
        some of them.
    folds
        How accounts and groups are left out in turn.
    views, trees, errors
        Of the linear text views, of the score and of the size of its error.
    comparisons
        Weight of a comparison beside that of a post.
    rivals
        Weight of a post's pairs with others of its account beside its own: see
        `training.share.rivals`.
    stuffed_posts, stuffed_pairs
        Stuffed copies for each post and comparison: see `training.share.stuffing`.
    opinion
        Of what is added to the score of drafts without a past.
    """

    per_account: int = 600
    encoder_taught_here: bool = False
    folds: int = 3
    views: ViewOptions = field(default_factory=ViewOptions)
    trees: TreeOptions = field(
        default_factory=lambda: TreeOptions(
            rounds=1000,
            smallest_leaf=200,
            learning_rate=0.03,
            columns=0.1,
            penalty=20.0,
            bins=63,
        )
    )
    errors: TreeOptions = field(
        default_factory=lambda: TreeOptions(rounds=80, leaves=15, columns=0.6, smallest_leaf=300)
    )
    comparisons: float = 1.6
    rivals: float = 2.5
    stuffed_posts: float = 0.1
    stuffed_pairs: float = 0.3
    opinion: OpinionOptions = field(default_factory=OpinionOptions)
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Workplace:
    """Where a training works.

    Attributes
    ----------
    out
        The model goes into its folder `model`.
    encoder
        Texts to vectors.
    now
        Recorded as the time of fitting.
    embed
        Through which cache.
    progress
        None tells nobody.
    """

    out: Path
    encoder: Encoder
    now: datetime
    embed: Embedder = EMBED
    progress: Progress | None = None

    def vectors(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts, telling how far it got."""
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            if self.progress is not None:
                self.progress("Reading texts", done, len(texts))

        return replace(self.embed, progress=count)(self.encoder, texts)

    def ticks(self, what: str, total: int) -> Callable[[int], None]:
        """Return what is called with how many steps of one stage were done."""
        done = 0

        def tick(more: int) -> None:
            nonlocal done
            done += more
            if self.progress is not None:
                self.progress(what, done, total)

        return tick
