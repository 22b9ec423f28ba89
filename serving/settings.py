"""How the service is set up: frozen values, given by the caller, never read at import."""

from dataclasses import dataclass, field

from features.cores import available_cores
from features.errors import ConfigError
from models.settings import Home
from serving.access.settings import Access
from serving.logs import LogFormat

MAX_POSTS = 256
"""Posts in one `/v1/score/batch`."""

MAX_CANDIDATES = 200
"""Posts in one `/v1/rank`."""

MAX_CHARACTERS = 40_000
"""Characters of one post."""

MAX_WORKERS = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take, and how much may wait.

    Attributes
    ----------
    body_bytes
        Largest request body.
    queued_posts
        Posts that may wait for the model; more are refused with 429.
    queued_drafts
        Of requests with a few posts, for whose answer somebody waits, so many: rather a refusal at
        once than an answer when the draft is long another.
    queued_tables, queued_imports
        Tables of drafts, and of past posts, that may be read or wait for it. Of the latter one
        waits: reading a long one takes half a minute.
    queued_recomputes
        Scores that may be made again or wait for it: each may load two versions.
    request_seconds
        After this a request is given up with 504.
    arrival_seconds
        How long a request may take to arrive, from its first byte to its last.
    departure_seconds
        How long an answer may take to be fetched, beyond the time to make it. One that is told
        piece by piece may take longer to make, as long as its client fetches what there is.
    head_bytes
        Largest request line with headers.
    drain_seconds
        How long a shutdown waits for the work in hand.
    """

    body_bytes: int = 1_000_000
    queued_posts: int = 1024
    queued_drafts: int = 28
    queued_tables: int = 4
    queued_imports: int = 2
    queued_recomputes: int = 4
    request_seconds: float = 30.0
    arrival_seconds: float = 15.0
    departure_seconds: float = 15.0
    head_bytes: int = 65_536
    drain_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `create_app` and `serve` need to know.

    Attributes
    ----------
    host
        Address to listen on; this machine only, by default.
    poll_seconds
        How often the champion aliases are looked at.
    batch_characters
        Characters of text that go through the encoder in one step.
    workers
        Processes that answer, behind one port.
    lanes
        Steps of the model that run side by side in a process, each on one thread; 0 stands for
        the cores of the machine, shared out among the workers.
    embedding_cache
        Embeddings kept in memory, by text; 0 keeps none.
    past_embedding_cache
        The same for past posts, apart, so that a long history does not push out the drafts.
    access
        Who may reach the service.
    receipt_days
        How long the receipt of a score is kept, with the text of its post; None keeps none.
    log_format
        How log lines are written; as JSON there is one for every request, too.
    """

    home: Home
    host: str = "127.0.0.1"
    port: int = 8000
    limits: Limits = field(default_factory=Limits)
    poll_seconds: float = 3.0
    batch_characters: int = 4_000
    workers: int = 1
    lanes: int = 0
    embedding_cache: int = 4096
    past_embedding_cache: int = 16_384
    access: Access = field(default_factory=Access)
    receipt_days: int | None = None
    log_format: LogFormat = LogFormat.TEXT

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not 0 <= self.port <= 65_535:
            raise ConfigError(f"Got port={self.port}; expected 0 to 65535.")
        if self.poll_seconds <= 0:
            raise ConfigError(f"Got poll_seconds={self.poll_seconds}; expected more than 0.")
        if self.receipt_days is not None and self.receipt_days < 1:
            raise ConfigError(f"Got receipt_days={self.receipt_days}; expected 1 or more.")
        if not 1 <= self.workers <= MAX_WORKERS:
            raise ConfigError(f"Got workers={self.workers}; expected 1 to {MAX_WORKERS}.")

    @property
    def model_threads(self) -> int:
        """Lanes of one process."""
        return self.lanes or max(1, available_cores() // self.workers)
