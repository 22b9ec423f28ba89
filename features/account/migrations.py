"""The schema of the database, one numbered step at a time; a step that has shipped stays."""

from collections.abc import Sequence

from sqlalchemy import Connection, inspect, text

from features.errors import StoreError

Step = tuple[str, ...]

_POSTS: Step = (
    """
    CREATE TABLE posts (
        platform TEXT NOT NULL,
        post_id TEXT NOT NULL,
        account_id TEXT NOT NULL,
        text TEXT NOT NULL,
        language TEXT,
        published_us BIGINT NOT NULL,
        timezone TEXT,
        media_type TEXT,
        followers DOUBLE PRECISION,
        is_paid BOOLEAN,
        shares DOUBLE PRECISION NOT NULL,
        likes DOUBLE PRECISION,
        comments DOUBLE PRECISION,
        collected_us BIGINT,
        PRIMARY KEY (platform, post_id)
    )
    """,
    "CREATE INDEX posts_by_account ON posts (platform, account_id, published_us)",
)
_ACCESS: Step = (
    """
    CREATE TABLE access_keys (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        digest TEXT NOT NULL,
        scopes TEXT NOT NULL,
        per_minute BIGINT,
        created_us BIGINT NOT NULL,
        expires_us BIGINT,
        revoked_us BIGINT
    )
    """,
    "CREATE UNIQUE INDEX access_keys_by_name ON access_keys (name) WHERE revoked_us IS NULL",
    """
    CREATE TABLE access_sessions (
        digest TEXT PRIMARY KEY,
        key_id TEXT NOT NULL,
        expires_us BIGINT NOT NULL
    )
    """,
)
_RECEIPTS: Step = (
    """
    CREATE TABLE receipts (
        id TEXT PRIMARY KEY,
        created_us BIGINT NOT NULL,
        key_id TEXT,
        request TEXT NOT NULL,
        answer TEXT NOT NULL,
        past BYTEA,
        vectors BYTEA
    )
    """,
    "CREATE INDEX receipts_by_time ON receipts (created_us)",
)
STEPS: Sequence[Step] = (_POSTS, _ACCESS, _RECEIPTS)

_VERSION_TABLE = "prescore_history_version"


def migrate(connection: Connection) -> None:
    """Bring the schema up to date, within the caller's transaction, which keeps others waiting.

    Raises
    ------
    StoreError
        If a newer prescore has written the store.
    """
    version = current_version(connection)
    if version > len(STEPS):
        raise StoreError(
            f"The database has schema {version}; this prescore knows {len(STEPS)}. Update prescore."
        )
    if version == 0:
        connection.execute(text(f"CREATE TABLE {_VERSION_TABLE} (version INTEGER PRIMARY KEY)"))
    for number, step in enumerate(STEPS[version:], start=version + 1):
        for statement in step:
            connection.execute(text(statement))
        connection.execute(text(f"INSERT INTO {_VERSION_TABLE} VALUES ({number})"))


def current_version(connection: Connection) -> int:
    """Number of the last step taken; 0 for an empty database."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return 0
    found = connection.execute(text(f"SELECT max(version) FROM {_VERSION_TABLE}")).scalar()
    return int(found or 0)
