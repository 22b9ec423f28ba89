"""POST /v1/page/candidates: a dropped table as drafts to rank, bad rows beside with reasons."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from features.errors import TableError
from features.schema import Post
from features.tables.validation import Read, iter_posts, posts_of
from serving.access.requires import Requires
from serving.deps import DeskDep
from serving.page.told import Spoken, told
from serving.page.uploads import DayFirst, FileName, Zone, matched, options, problems, uploaded
from serving.problems import Problem, ProblemError
from serving.settings import MAX_CANDIDATES, MAX_CHARACTERS

MOST_ROWS = 5_000
"""Rows of a table of drafts, those included that cannot be used or are left out."""

router = APIRouter(
    prefix="/v1/page", include_in_schema=False, dependencies=[Depends(Requires("score"))]
)


@router.post("/candidates")
async def candidates(
    request: Request,
    desk: DeskDep,
    name: FileName,
    language: Spoken,
    zone: Zone = "UTC",
    day_first: DayFirst = None,
) -> Response:
    """Read a table of drafts as the command line would; the file is the body of the request."""
    content = await request.body()
    try:
        found = await desk.drafts.whole(partial(read_candidates, name, content, zone, day_first))
    except TableError as err:
        raise ProblemError(Problem(422, "invalid-input", told(err, language))) from err
    return JSONResponse(found)


def read_candidates(
    name: str, content: bytes, zone: str = "UTC", day_first: bool | None = None
) -> dict[str, Any]:
    """Return the drafts of a table, at most `MAX_CANDIDATES`, and its bad rows with their reasons.

    Raises
    ------
    TableError
        When the file is no table of posts.
    """
    with uploaded(name, content) as path:
        reads = list(iter_posts(path, options(path, zone, day_first, MOST_ROWS)))
        wrong = problems(path, reads[0].report.headers)
    unread = sum((Counter(read.report.unread) for read in reads), Counter[str]())
    good = [entry for read in reads for entry in _entries(read)]
    texts = [text for read in reads for text in read.frame["text"]]
    return {
        "columns": matched(reads[0].report.headers, unread),
        "rows": good[:MAX_CANDIDATES],
        "cut": sum(len(text) > MAX_CHARACTERS for text in texts[:MAX_CANDIDATES]),
        "left_out": max(0, len(good) - MAX_CANDIDATES),
        "problems": wrong,
        "naive_times": sum(read.report.naive_times for read in reads),
        "midnights": sum(read.report.midnights for read in reads),
    }


def _entries(read: Read) -> list[dict[str, Any]]:
    ids = read.frame["post_id"].astype(object).where(read.frame["post_id"].notna(), None)
    rows = zip(read.rows.tolist(), ids, posts_of(read.frame), strict=True)
    return [{"row": row, "id": name, "post": _as_asked(post)} for row, name, post in rows]


def _as_asked(post: Post) -> dict[str, Any]:
    """A post as `/v1/rank` takes it."""
    known = {key: value for key, value in asdict(post).items() if value is not None}
    at = known.get("published_at")
    if isinstance(at, datetime):
        known["published_at"] = at.isoformat()
    known["text"] = post.text[:MAX_CHARACTERS]
    return known
