"""POST /v1/page/import: past posts with results into the history store, told as it goes.

The answer is one JSON object a line: how far it got, and at the end what came of it. A file that
cannot be used ends in `failed`, beside it the columns that are `missing`; nothing of it is kept
then.
"""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import AwareDatetime

from features.account.counting import counted_by, taken_by, too_young
from features.account.store import HistoryStore
from features.errors import PrescoreError, StoreError, TableError
from features.tables.headers import Headers
from features.tables.validation import Read, ReadOptions, read_posts
from serving.access.requires import Requires
from serving.deps import DeskDep
from serving.page.script_words import DATABASE_FAILED, INTERNAL
from serving.page.told import Spoken, told
from serving.page.uploads import (
    DayFirst,
    FileName,
    Zone,
    aside,
    matched,
    options,
    problems,
    uploaded,
)
from serving.page.words import DEFAULT, catalogue
from serving.problems import log_failure

log = logging.getLogger("prescore.serving")

router = APIRouter(
    prefix="/v1/page", include_in_schema=False, dependencies=[Depends(Requires("import"))]
)

PATH = "/v1/page/import"
MOST_BYTES = 50_000_000
"""Largest table of past posts; about a hundred thousand of them."""

MOST_ROWS = 500_000
"""Rows in a table of past posts; so many take half a minute."""

PROBLEMS_SHOWN = 50
Given = Annotated[str | None, Query(max_length=200)]


async def place(desk: DeskDep) -> AsyncIterator[None]:
    """Hold a place among the imports, from before the table is read until its answer has left.

    Raises
    ------
    ProblemError
        429 when none is free; nothing of the table is kept in memory then.
    """
    with desk.imports.place():
        yield


@router.post("/import", dependencies=[Depends(place)])
async def import_posts(
    request: Request,
    desk: DeskDep,
    name: FileName,
    language: Spoken,
    zone: Zone = "UTC",
    platform: Given = None,
    account_id: Given = None,
    day_first: DayFirst = None,
    changed: Annotated[AwareDatetime | None, Query()] = None,
) -> Response:
    """Import a table of past posts, which is the body of the request; safe to repeat.

    Counts without a time were taken by the time at which the file was `changed`.
    """
    content = await request.body()
    given: dict[str, Any] = {"platform": platform or None, "account_id": account_id or None}
    url = desk.settings.home.database_url
    lines = steps(
        url,
        name,
        content,
        zone=zone,
        day_first=day_first,
        given=given,
        changed=changed,
        language=language,
    )
    answers = desk.imports.steps(map(_line, lines))
    return StreamingResponse(answers, media_type="application/x-ndjson")


def steps(
    url: str,
    name: str,
    content: bytes,
    *,
    zone: str,
    day_first: bool | None,
    given: dict[str, Any],
    changed: datetime | None = None,
    language: str = DEFAULT,
) -> Iterator[dict[str, Any]]:
    """Import a table and tell how far it got; the last one is `done` or `failed`."""
    yield {"stage": "reading"}
    wrong: list[dict[str, object]] = []
    try:
        with uploaded(name, content) as path:
            how = replace(options(path, zone, day_first, MOST_ROWS), **given)
            read = _read(path, how, wrong)
            now = datetime.now(UTC)
            at = taken_by(read.frame, changed or now, now)
            read = replace(read, frame=counted_by(read.frame, at))
            yield {"stage": "keeping", "posts": len(read.frame)}
            # What was refused is read first: once posts are kept, nothing may fail any more.
            yield {"done": _refused(path, read) | _keep(url, read)}
    except StoreError as err:
        log.error("Nothing of an import was kept: %s", err)
        yield {"failed": catalogue(language).gettext(DATABASE_FAILED)}
    except PrescoreError as err:
        missing = list(err.missing) if isinstance(err, TableError) else []
        failed = told(err, language)
        yield {"failed": failed, "missing": missing, "problems": wrong[:PROBLEMS_SHOWN]}
    except OSError as err:
        log_failure(err)
        yield {"failed": catalogue(language).gettext(INTERNAL)}


def _read(path: Path, how: ReadOptions, wrong: list[dict[str, object]]) -> Read:
    """Read posts; where no row can be used, `wrong` tells why of each."""
    try:
        return read_posts(path, how)
    except TableError as err:
        headers = err.values.get("headers")
        wrong.extend(problems(path, headers if isinstance(headers, Headers) else None))
        raise


def _keep(url: str, read: Read) -> dict[str, Any]:
    store = HistoryStore(url)
    try:
        summary = asdict(store.upsert(read.frame, read.report.refused))
    finally:
        store.close()
    accounts = read.frame.value_counts(["platform", "account_id"], sort=False).reset_index()
    return summary | {
        "renamed": read.report.renamed + summary["renamed"],
        "duplicates": read.report.duplicates,
        "naive_times": read.report.naive_times,
        "midnights": read.report.midnights,
        "blank_texts": read.report.blank_texts,
        "too_young": too_young(read.frame),
        "without_shares": read.report.without_shares,
        "columns": matched(read.report.headers, read.report.unread),
        "accounts": accounts.rename(columns={"count": "posts"}).to_dict("records"),
    }


def _refused(path: Path, read: Read) -> dict[str, Any]:
    if not read.report.refused:
        return {"problems": [], "refused_rows": ""}
    return {
        "problems": problems(path, read.report.headers)[:PROBLEMS_SHOWN],
        "refused_rows": aside(path).read_text(encoding="utf-8-sig"),
    }


def _line(step: dict[str, Any]) -> str:
    return json.dumps(step, ensure_ascii=False) + "\n"
