"""`prescore explain`: why a draft scores as it does, and what the account posted like it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.flat import excerpt
from cli.one_draft import OneDraft, of_one_draft
from cli.printing import print_json, show, working

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from models.explaining import Explanation, Phrase
    from models.similar import Similar

SHOWN_EFFECTS, SMALLEST_EFFECT = 3, 0.01
EXCERPT = 48
EXAMPLES = """Examples:

prescore explain --text "Udało się! Otwieramy kino na Starówce." --platform facebook

prescore explain --text "We open tomorrow!" --platform x --account my-page --json
"""


@of_one_draft
def explain(draft: OneDraft, as_json: bool) -> None:
    """Tell which phrases raise or lower what, what can still be changed, and past posts like it."""
    from models.explaining import explain as explaining
    from models.score import annotate
    from models.similar import similar
    from models.stepwise import finish

    with working("Explaining"):
        explanation = finish(explaining(draft.scorer, draft.post, draft.past))
        found = finish(similar(draft.scorer, draft.post, draft.past))
    (score,) = annotate([explanation.score], [draft.late_notes(datetime.now(UTC))])
    explanation = replace(explanation, score=score)
    if as_json:
        print_json(explanation.to_json() | {"similar": found.to_json()["posts"]})
        return
    for part in _shown(explanation, found, draft.post.text):
        show(part)


def _shown(explanation: "Explanation", found: "Similar", text: str) -> "list[RenderableType]":
    from rich.text import Text

    from cli.cards import good_to_know

    refusal, warnings = explanation.score.refusal, good_to_know(explanation.score.warnings)
    if refusal is not None:
        return [Text(f"No score: {refusal.message}"), *warnings]
    shown: list[RenderableType] = [_phrases(explanation.phrases, text), _sides(explanation)]
    span = explanation.rewriting
    if span is not None:
        told = f"Your own wordings in its place: {span.low:+.2f} to {span.high:+.2f}."
        shown.append(Text(told))
    if found.posts:
        shown.append(_past_posts(found))
    return [*shown, *warnings]


def _phrases(phrases: "tuple[Phrase, ...]", text: str) -> "Table":
    table = _plain("Phrase by phrase: what each adds", ("phrase", "shares", "emotions"))
    for phrase in phrases:
        share = phrase.effects["share"] or 0.0
        part = excerpt(text[phrase.start : phrase.end], EXCERPT)
        table.add_row(part, f"{share:+.2f}", _strongest(phrase))
    return table


def _strongest(phrase: "Phrase") -> str:
    """The emotions that a phrase changes most."""
    effects = {
        name: effect
        for name, effect in phrase.effects.items()
        if effect is not None and name != "share" and abs(effect) >= SMALLEST_EFFECT
    }
    names = sorted(effects, key=lambda name: -abs(effects[name]))[:SHOWN_EFFECTS]
    return ", ".join(f"{name} {effects[name]:+.2f}" for name in names)


def _sides(explanation: "Explanation") -> "Table":
    from models.score import WHAT_AND_HOW, WHO_AND_WHEN

    table = _plain("What can still be changed", ("effect", "what", ""))
    said = {WHO_AND_WHEN: "given", WHAT_AND_HOW: "yours to change"}
    for reason in explanation.score.reasons:
        table.add_row(f"{reason.effect:+.2f}", reason.label, said.get(reason.side, ""))
    share = explanation.score.share
    total = share.score.value if share else 0.0
    table.add_row(f"{total:+.2f}", "all together; 0 is the usual post by now", "")
    return table


def _past_posts(found: "Similar") -> "Table":
    table = _plain("Your nearest past posts", ("day", "shares", "spreads", "alike", "post"))
    for post in found.posts:
        shares = "?" if post.shares is None else f"{post.shares:,}"
        relative = "" if post.relative is None else f"{post.relative:+.1f}"
        day = f"{post.published_at:%Y-%m-%d}"
        alike = str(post.alike) if post.alike > 1 else ""
        table.add_row(day, shares, relative, alike, excerpt(post.text, EXCERPT))
    return table


def _plain(title: str, columns: tuple[str, ...]) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for column in columns:
        numeric = column in ("shares", "effect", "spreads", "alike")
        table.add_column(column, justify="right" if numeric else "left")
    return table
