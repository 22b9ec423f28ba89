"""`prescore when`: the hours of the coming week for a draft."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from cli.one_draft import OneDraft, of_one_draft
from cli.printing import print_json, show, working

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from models.timing import Hour, Week

HEIGHTS = "▁▂▃▄▅▆▇█"
EXAMPLES = """Examples:

prescore when --text "Udało się! Otwieramy kino na Starówce." --platform facebook --account kino

prescore when --text "We open tomorrow!" --platform x --at 2027-12-01T00:00+01:00 --json
"""


@of_one_draft
def when(draft: OneDraft, as_json: bool) -> None:
    """Forecast a draft in each hour of the week from --at, or else from now."""
    from models.stepwise import finish
    from models.timing import when as hours

    now = datetime.now(UTC)
    with working("Trying the hours"):
        week = finish(hours(draft.scorer, draft.post, draft.past, now))
    week = replace(week, warnings=(*week.warnings, *draft.late_notes(now)))
    if as_json:
        print_json(week.to_json())
        return
    for part in _shown(week):
        show(part)


def _shown(week: "Week") -> "list[RenderableType]":
    from rich.text import Text

    from cli.cards import good_to_know

    shown: list[RenderableType] = [Text(week.message)]
    if week.best:
        days = ", ".join(f"{at:%a %d %b %H:%M}" for at in week.best)
        shown.append(Text(f"Best: {days} ({week.timezone}).", style="bold"))
    if week.matters:
        shown.append(_days(week))
    if week.hours:
        shown.append(Text("The hours are learnt from the posts of all accounts.", style="dim"))
    # Why there are no hours is among the warnings, and said already.
    return [*shown, *good_to_know([one for one in week.warnings if one.message != week.message])]


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
