"""Few imports wait, and those that are refused or given up hold nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from serving.app import create_app
from serving.settings import Limits
from tests.serving.conftest import NoStore, settings_at
from tests.serving.standins import TinyRegistry

GOOD = b"id,account,platform,text,date,shares\na1,kino,x,We open today.,2026-05-01T10:00Z,3\n"
GONE = {"type": "http.disconnect"}
WHOLE = {"type": "http.request", "body": GOOD, "more_body": False}
BEGUN = {"type": "http.request", "body": GOOD[:9], "more_body": True}


class Upload:
    """An import whose body and end a test sends when it likes."""

    def __init__(self, app: FastAPI) -> None:
        self.coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.status = 0
        self.asked = 0
        scope = {
            "type": "http",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/page/import",
            "query_string": b"name=a.csv",
            "headers": [(b"host", b"127.0.0.1")],
            "app": app,
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        self.asked += 1
        return await self.coming.get()

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)

    async def reading(self) -> "Upload":
        """Wait until it reads its body."""
        async with asyncio.timeout(30):
            while not self.asked:
                await asyncio.sleep(0)
        return self

    async def end(self, *messages: dict[str, Any]) -> int:
        for message in messages:
            self.coming.put_nowait(message)
        async with asyncio.timeout(30):
            await asyncio.wait({self.task})
        return self.status


def run(tmp_path: Path, test: Callable[[Callable[[], Upload]], Awaitable[None]]) -> None:
    async def within() -> None:
        settings = replace(settings_at(tmp_path), limits=Limits(queued_imports=2))
        app = create_app(settings, TinyRegistry, NoStore)
        async with app.router.lifespan_context(app):
            await test(lambda: Upload(app))

    asyncio.run(within())


def test_what_comes_behind_too_many_imports_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async def test(upload: Callable[[], Upload]) -> None:
        waiting = [await upload().reading() for _ in range(2)]
        refused = [upload() for _ in range(3)]
        assert [await one.end() for one in refused] == [429] * 3
        assert [one.asked for one in refused] == [0] * 3
        assert [await one.end(WHOLE) for one in waiting] == [200] * 2
        assert await upload().end(WHOLE) == 200

    run(tmp_path, test)


@pytest.mark.parametrize("sent", [[GONE], [BEGUN, GONE], [WHOLE, GONE]])
def test_an_import_whose_client_goes_away_gives_its_place_back(
    tmp_path: Path, sent: list[dict[str, Any]]
) -> None:
    async def test(upload: Callable[[], Upload]) -> None:
        for _ in range(3):
            await (await upload().reading()).end(*sent)
        assert await upload().end(WHOLE) == 200

    run(tmp_path, test)
