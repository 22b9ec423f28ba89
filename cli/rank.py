"""`prescore rank`: candidates for one slot, in order."""

from contextlib import closing
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.drafts import Candidate, Draft, Reading, candidates, check_source, drafts, read_options
from cli.flat import excerpt
from cli.options import (
    Account,
    AsJson,
    DayFirst,
    EmotionModel,
    Encoding,
    NaiveZone,
    Platform,
    ShareModel,
    Sheet,
    SkipBadRows,
)
from cli.places import open_home, open_registry, open_scorer, open_store, past_reader
from cli.printing import console, print_json, show, working

if TYPE_CHECKING:
    from rich.table import Table

    from features.tables.validation import ReadOptions
    from models.ranking import Place, Ranking

CHUNK = 1024
SHORTEST_EXCERPT, BESIDE_POST = 20, 46
"""Characters of a post that are shown at least, and what the other columns need."""
OWNER, PADDING = 28, 2
"""Characters of an account's name that are shown at most, and beside its column."""

CAPTION = (
    "In a group, none is clearly behind the first; what follows the gap is.\nIn brackets: 90% sure."
)
ALONE = "There is no other candidate to compare it with. In brackets: 90% sure."
REGRET = (
    "Taking the first is expected to lose {:.2f} spreads against whichever will have been the best."
)
EXAMPLES = """Examples:

prescore rank candidates.xlsx --account my-page --platform facebook

prescore rank candidates.csv --min-confidence 0.8

prescore rank --text "Wersja pierwsza" --text "Wersja druga" --json
"""


def rank(
    source: Annotated[
        str | None,
        typer.Argument(metavar="FILE|-", help="The candidates; - is standard input."),
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="A candidate; give it once for each.")
    ] = None,
    account: Account = None,
    platform: Platform = None,
    min_confidence: Annotated[
        float,
        typer.Option(
            min=0.5, max=0.95, metavar="P", help="Odds below which a lead is too close to call."
        ),
    ] = 0.6,
    as_json: AsJson = False,
    skip_bad_rows: SkipBadRows = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    day_first: DayFirst = None,
    naive_zone: NaiveZone = "UTC",
    emotion_model: EmotionModel = None,
    share_model: ShareModel = None,
) -> None:
    """Put candidate posts in order, with the odds that the order is right and honest ties."""

    draft = Draft(platform, account)
    check_source(source, text or [], draft)
    reading = Reading(skip_bad_rows, encoding, sheet, day_first, naive_zone)
    options = read_options(source, reading, platform=platform, account=account)
    found = _all(source, options) if source else drafts(text or [], draft)
    home = open_home()
    with working("Loading the models"):
        scorer = open_scorer(open_registry(home), emotion_model, share_model)
    with working("Ranking"), closing(open_store(home)) as store:
        posts = [one.post for one in found]
        ranked = scorer.rank(posts, past_reader(store)(posts), sure=min_confidence)
    if as_json:
        print_json(_json(ranked, found))
    else:
        show(_table(ranked, found, console().width))


def _all(source: str, options: "ReadOptions") -> list[Candidate]:
    return [one for chunk in candidates(source, options, CHUNK) for one in chunk]


def _json(ranked: "Ranking", found: list[Candidate]) -> dict[str, Any]:
    answer = ranked.to_json()
    for place in answer["candidates"]:
        one = found[place["index"]]
        place |= {"row": one.row, "post_id": one.post_id} if one.row is not None else {}
    return answer


def _table(ranked: "Ranking", found: list[Candidate], width: int) -> "Table":
    from rich import box
    from rich.table import Table

    alone = sum(place.rank is not None for place in ranked.places) < 2
    caption = ALONE if alone else CAPTION
    if not alone and ranked.regret is not None:
        caption += "\n" + REGRET.format(ranked.regret)
    caption = "\n".join([caption, *_warnings(ranked)])
    table = Table(box=box.SIMPLE_HEAD, caption=caption, caption_justify="left")
    table.add_column("rank", justify="right")
    table.add_column("post")
    owners = _owners(found)
    if owners:
        table.add_column("account", max_width=OWNER)
        width -= min(OWNER, max(map(len, owners))) + PADDING
    for title in ("place of 100", "beats next", "best"):
        table.add_column(title, justify="right", no_wrap=True)
    room = max(SHORTEST_EXCERPT, width - BESIDE_POST)
    places = ranked.places
    for place, below in zip_longest(places, places[1:]):
        ends_tier = below is not None and below.tier != place.tier
        cells = _cells(place, found[place.index], room, alone)
        cells[2:2] = owners[place.index : place.index + 1]
        table.add_row(*cells, end_section=ends_tier)
    return table


def _owners(found: list[Candidate]) -> list[str]:
    """Whose each candidate is, where they are of several accounts or platforms."""
    owners = [(one.post.account_id, one.post.platform) for one in found]
    if len(set(owners)) < 2:
        return []
    return [excerpt(", ".join(filter(None, owner)) or "-", OWNER) for owner in owners]


def _warnings(ranked: "Ranking") -> list[str]:
    """What is to be said of the candidates together, and of times that have passed."""
    of_each = (note for place in ranked.places for note in place.score.warnings)
    late = {note.message: None for note in of_each if note.code == "planned_in_past"}
    return [note.message for note in ranked.warnings] + list(late)


def _cells(place: "Place", one: Candidate, room: int, alone: bool) -> list[str]:
    text, share = excerpt(one.post.text, room), place.score.share
    if place.rank is None or share is None:
        refusal = place.score.refusal
        return ["-", text, "not scored", refusal.code if refusal else "", ""]
    within = (
        f"{share.percentile.value:.0f} ({share.percentile.low:.0f}–{share.percentile.high:.0f})"
    )
    odds = "" if place.beats_next is None else f"{place.beats_next:.0%}"
    best = "" if place.best is None or alone else f"{place.best:.0%}"
    return [str(place.rank), text, within, odds, best]
