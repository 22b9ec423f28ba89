"""What commands share that look at one draft: its options, and how it is read."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cli.drafts import Draft, drafts
from cli.options import (
    Account,
    AsJson,
    At,
    DraftText,
    EmotionModel,
    Followers,
    Language,
    MediaType,
    Paid,
    Platform,
    ShareModel,
    Timezone,
)
from cli.places import open_home, open_registry, open_scorer, open_store, past_reader
from cli.printing import working

if TYPE_CHECKING:
    from features.account.past import AccountPast
    from features.schema import Post
    from models.score import Note
    from models.scorer import Scorer


@dataclass(frozen=True, slots=True)
class OneDraft:
    """A draft, what scores it, and the past of its account where it names one."""

    scorer: "Scorer"
    post: "Post"
    past: "AccountPast | None"

    def late_notes(self, now: datetime) -> "tuple[Note, ...]":
        """Return the warning about a planned time that has passed, where it has."""
        from models.grounds import late_notes

        (notes,) = late_notes([self.post], now)
        return notes


def of_one_draft(answer: Callable[[OneDraft, bool], None]) -> Callable[..., None]:
    """Turn what answers for a draft, as JSON or for people, into a command with its options."""

    def command(
        text: DraftText,
        account: Account = None,
        platform: Platform = None,
        at: At = None,
        timezone: Timezone = None,
        media_type: MediaType = None,
        language: Language = None,
        followers: Followers = None,
        paid: Paid = None,
        as_json: AsJson = False,
        emotion_model: EmotionModel = None,
        share_model: ShareModel = None,
    ) -> None:
        draft = Draft(platform, account, at, timezone, media_type, language, followers, paid)
        (one,) = drafts([text], draft)
        home = open_home()
        with working("Loading the models"):
            scorer = open_scorer(open_registry(home), emotion_model, share_model)
            with closing(open_store(home)) as store:
                (past,) = past_reader(store)([one.post])
        answer(OneDraft(scorer, one.post, past), as_json)

    # Not functools.wraps: the options are read from the signature, which must stay this one.
    command.__doc__ = answer.__doc__
    return command
