"""What a lead in score is worth where nothing was learnt: fitted on comparisons held out.

An encoder that was taught which wordings won remembers some of them, so leads between the pairs it
has seen are wider than they deserve, and odds read off them surer. One number for each platform is
all that is fitted here, on hundreds of pairs.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from models.share import ShareModel
from models.share_rows import Blend
from training.share.blend import FEWEST_PAIRS, slope_of
from training.share.data import Encode, Floats, PostRows, pair_rows


def with_true_worth(
    model: ShareModel, held_out: Sequence[pd.DataFrame], encode: Encode
) -> ShareModel:
    """Return the model with the slopes that held-out comparisons tell, where there are enough.

    Parameters
    ----------
    model
        Fitted on other comparisons.
    held_out
        Canonical tables of comparisons that neither the model nor its encoder was taught.
    encode
        Texts to embeddings.
    """
    if not sum(map(len, held_out)):
        return model
    pairs = pair_rows(pd.concat(list(held_out), ignore_index=True), encode)
    leads = _scores(model, pairs.first) - _scores(model, pairs.second)
    won = leads * (2 * pairs.won - 1)
    blends: dict[str, Blend] = dict(model.blends)
    for name in blends:
        mask = pairs.platforms == name
        if mask.sum() >= FEWEST_PAIRS:
            blends[name] = replace(blends[name], slope=slope_of(won[mask]))
    return replace(model, blends=blends)


def _scores(model: ShareModel, rows: PostRows) -> Floats:
    return model.score(rows.posts, rows.embeddings, rows.states).astype(np.float64)
