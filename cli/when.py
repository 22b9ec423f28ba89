"""`prescore when`: the hours of the coming week for a draft."""

from datetime import UTC, datetime
from itertools import groupby
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
from cli.printing import console, print_json, working

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from models.timing import Hour, Week

HEIGHTS = "▁▂▃▄▅▆▇█"
EXAMPLES = """Examples:

prescore when --text "Udało się! Otwieramy kino na Starówce." --platform facebook --account kino

prescore when --text "We open tomorrow!" --platform x --at 2026-12-01T00:00+01:00 --json
"""


def when(
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
    """Forecast a draft in each hour of the week from --at, or else from now."""
    from models.stepwise import finish
    from models.timing import when as hours

    draft = Draft(platform, account, at, timezone, media_type, language, followers, paid)
    (one,) = drafts([text], draft)
    home = open_home()
    with working("Loading the models"):
        scorer = open_scorer(open_registry(home), emotion_model, share_model)
        (past,) = past_reader(open_store(home))([one.post])
    with working("Trying the hours"):
        week = finish(hours(scorer, one.post, past, datetime.now(UTC)))
    if as_json:
        print_json(week.to_json())
        return
    for part in _shown(week):
        console().print(part)


def _shown(week: "Week") -> "list[Text | Table]":
    from rich.text import Text

    shown: list[Text | Table] = [Text(week.message)]
    if week.best:
        days = ", ".join(f"{at:%a %d %b %H:%M}" for at in week.best)
        shown.append(Text(f"Best: {days} ({week.timezone}).", style="bold"))
    if week.hours:
        shown.append(_days(week))
    return shown


def _days(week: "Week") -> "Table":
    """One row a day, one sign an hour from midnight; the taller, the further the post goes."""
    from rich import box
    from rich.table import Table

    scores = [hour.score.value for hour in week.hours]
    low, rise = min(scores), max(max(scores) - min(scores), 1e-9)
    table = Table(box=box.SIMPLE_HEAD, caption=f"Scores {low:+.2f} to {low + rise:+.2f}.")
    table.add_column("day")
    table.add_column("0     6     12    18    ", no_wrap=True)
    for day, hours in groupby(week.hours, key=lambda hour: hour.at.date()):
        table.add_row(f"{day:%a %d %b}", _bars(list(hours), low, rise))
    return table


def _bars(hours: "list[Hour]", low: float, rise: float) -> str:
    heights = {
        hour.at.hour: HEIGHTS[round((len(HEIGHTS) - 1) * (hour.score.value - low) / rise)]
        for hour in hours
    }
    return "".join(heights.get(hour, " ") for hour in range(24))
