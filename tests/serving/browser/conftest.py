"""The page in Chromium, as people use it: one service and one browser for all of these tests."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect, sync_playwright

from features.text.encoder import Encoder
from models.persistence import save_json
from models.registry import EMOTION_NAME, SHARE_NAME, Registry
from models.settings import Home
from serving.app import create_app
from serving.listening import address_of, listen
from serving.settings import Settings
from tests.serving.browser.reports import emotion_example, share_example
from tests.serving.tiny_models import emotion_folder, resealed, share_folder, whole_home

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("PRESCORE_CHROMIUM") or shutil.which("chromium") or ""
REQUIRED = "PRESCORE_BROWSER_REQUIRED"
MISSING = (
    "No Chromium here: the page was NOT tried in a browser. On Debian: apt-get install chromium; "
    "elsewhere: PRESCORE_CHROMIUM=/path/to/chromium."
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CARD = "# A card\n\n| what | figure |\n| --- | --- |\n| r | 0.5 |\n"
SHOTS = HERE.parents[2] / ".screenshots"
PATIENCE = 20_000
"""Milliseconds until what should show up is given up; a quiet machine needs far less."""

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}

Language = Literal["pl", "en"]
Open = Callable[..., Page]

GATE_SAID = (
    "Not clearly better: mean pearson 0.7412 against 0.7500 of the champion, version 1 "
    "(gain -0.0088, interval -0.0120 to -0.0050, on 240 held-out texts)."
)
"""In a sentence of the gate's own, which the page knows in Polish."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser these tests are left out, in plain sight; they fail where one is due."""
    if CHROMIUM or os.environ.get(REQUIRED):
        return
    ours = [item for item in items if HERE in item.path.parents]
    if ours:
        config.stash[LEFT_OUT] = len(ours)
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if left := config.stash.get(LEFT_OUT, 0):
        terminalreporter.section("browser tests", sep="=", red=True)
        terminalreporter.write_line(f"{left} tests left out. {MISSING}")


@contextmanager
def service(home: Home) -> Iterator[str]:
    """Serve a state folder on a free port."""
    ready = threading.Event()
    app = create_app(Settings(home, poll_seconds=0.2), on_ready=ready.set)
    with listen("127.0.0.1", 0) as listener:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert ready.wait(120), "The models did not load."
        yield address_of(listener)
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def page_home(tmp_path_factory: pytest.TempPathFactory, tiny_encoder_folder: Path) -> Home:
    """A state folder as in `home`, with a challenger of each kind that holds a report."""
    root = tmp_path_factory.mktemp("page")
    home = whole_home(root, tiny_encoder_folder)
    encoder = Encoder.load(tiny_encoder_folder)
    registry = Registry(home, starter=root / "none")
    made = {
        EMOTION_NAME: (emotion_folder(root / "emotion-2", encoder), emotion_example()),
        SHARE_NAME: (share_folder(root / "share-2", encoder, seed=3), share_example()),
    }
    for name, (folder, report) in made.items():
        save_json(folder / "report.json", report)
        (folder / "card.md").write_text(CARD)
        tags = {"prescore.gate": "challenger", "prescore.gate.reason": GATE_SAID}
        version = registry.register(
            resealed(folder), encoder=tiny_encoder_folder, tags=tags, metrics={"coverage_90": 0.9}
        )
        registry.challenge(name, version.number)
    return home


@pytest.fixture(scope="session")
def site(page_home: Home) -> Iterator[str]:
    with service(page_home) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the session: while Playwright runs, no other test can run a loop of its own.
    if not CHROMIUM:
        pytest.fail(MISSING)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, site: str) -> Iterator[Open]:
    """Opens a view as a visitor with a language, a theme and a screen; nothing may go wrong."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def open_view(
        path: str = "/",
        language: Language = "en",
        size: str = "desktop",
        theme: Literal["light", "dark"] = "light",
        at: str = site,
        **options: Any,
    ) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=at,
            locale={"pl": "pl-PL", "en": "en-GB"}[language],
            timezone_id="Europe/Warsaw",
            color_scheme=theme,
            viewport={"width": width, "height": height},
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda message: _note(trouble, message.type, message.text))
        page.goto(path)
        return page

    yield open_view
    for context in contexts:
        context.close()
    assert trouble == []


def _note(trouble: list[str], kind: str, text: str) -> None:
    # A refused or dropped request is part of some tests; a broken policy or script never is.
    if kind in ("error", "warning") and "Failed to load resource" not in text:
        trouble.append(text)


def a_file(name: str, content: bytes) -> FilePayload:
    """A table as somebody chooses it from their device."""
    return {"name": name, "mimeType": "text/csv", "buffer": content}


def shot(page: Page, name: str) -> None:
    """Keep a screenshot for people to look at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
