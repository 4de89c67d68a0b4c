"""The core: settings, tokens, error classes, the rulebook, the local cluster. Written in Rust."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Literal, final

from ._types import ErrorClass, Kind

OWN_TABLES: list[str]
"""The tables in which runs of plans and migrations keep their state, in the schema that they work in."""
__version__: str

class SettingsError(ValueError):
    """A setting of the connection is missing or cannot be used."""

class CredentialsError(RuntimeError):
    """There are no AWS credentials, or they cannot be had now."""

class MigrationError(RuntimeError):
    """A migration did not get through. What has run stays and is not run again."""

    sqlstate: str | None

@final
class Settings:
    """Where to connect to and who signs in. Without a URL and a host, the environment's DSQL_URL.

    A name given beside the URL wins. Defaults: port 5432, user admin, dbname postgres, region and cluster from the
    host or the environment, credentials of the AWS default chain, token_duration_secs 900, sslmode verify-full,
    sslrootcert of DSQL_CA_CERT or PGSSLROOTCERT, else system; connect_timeout 30 seconds, 0 for no limit.

    credentials answers an access key, a secret key, a session token or None, and when they expire in seconds of the
    epoch, or None. It is asked at most about every 10 minutes while they last.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        host: str | None = None,
        port: int | None = None,
        user: str | None = None,
        dbname: str | None = None,
        region: str | None = None,
        cluster_id: str | None = None,
        profile: str | None = None,
        token_duration_secs: int | None = None,
        sslmode: str | None = None,
        sslrootcert: str | PathLike[str] | None = None,
        application_name: str | None = None,
        connect_timeout: int | None = None,
        options: str | None = None,
        password: str | None = None,
        credentials: Callable[[], tuple[str, str, str | None, float | None]] | None = None,
    ) -> None: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def dbname(self) -> str: ...
    @property
    def sslmode(self) -> Literal["verify-full", "verify-ca", "require"]: ...
    @property
    def sslrootcert(self) -> Path:
        """A file of certificates, or `system`."""
    @property
    def application_name(self) -> str | None: ...
    @property
    def connect_timeout(self) -> int | None:
        """Seconds; None for no limit."""
    @property
    def options(self) -> list[tuple[str, str]]:
        """Settings of the session to send when connecting, by name."""
    @property
    def libpq_options(self) -> str | None:
        """The same as libpq's `options`."""
    def token(self) -> str:
        """A token that is good for connecting now. Waits only when the credentials have to be asked for."""
    def kept_token(self) -> str | None:
        """The kept token while it is fresh; None when token() would have to wait."""

def application_name(orm: str | None, driver: str) -> str:
    """What a client calls itself, as AWS's connectors do, at most 64 characters."""

def error_class(sqlstate: str | None, message: str, *, committing: bool = False) -> ErrorClass:
    """What an error means. committing: it came while COMMIT, or a statement outside a transaction, was under way."""

@final
class RetryPolicy:
    """When to run a transaction again: pauses of full jitter below a bound that doubles.

    Defaults: 8 attempts, a bound of 0.05 seconds that grows to 5 at most, 30 seconds in all; a COMMIT whose outcome is
    not known is tried again only if the transaction is idempotent.
    """

    def __init__(
        self,
        *,
        max_attempts: int | None = None,
        base: float | None = None,
        cap: float | None = None,
        max_total: float | None = None,
        idempotent: bool = False,
    ) -> None: ...
    @property
    def max_attempts(self) -> int: ...
    @property
    def base(self) -> float: ...
    @property
    def cap(self) -> float: ...
    @property
    def max_total(self) -> float: ...
    @property
    def idempotent(self) -> bool: ...
    def delay(self, failed: int, elapsed: float, error_class: ErrorClass) -> float | None:
        """Seconds to wait before the next attempt; None when there is to be none. failed is 1 after the first."""

def kind(sql: str) -> Kind:
    """What a statement is, told by its first words."""

def locks_rows(sql: str) -> bool:
    """Does the statement lock the rows that it reads?"""

def without_locks(sql: str) -> str | None:
    """The statement without its locking clause; None when it has none."""

def split(script: str) -> list[str]:
    """The statements of a script."""

def check(sql: str) -> PlanError | None:
    """What the service would answer to the statement; None when it has it."""

def translate(
    sql: str,
    *,
    foreign_keys: Literal["native", "omit"] = "native",
    identity_cache: int = 65536,
    batch_rows: int = 1000,
) -> Plan:
    """Brings a script into a form that the service accepts."""

@final
class Plan:
    """What to run, in order, and what to know about it. str() prints it as a script with comments."""

    @property
    def steps(self) -> list[Step]: ...
    @property
    def notes(self) -> list[Note]: ...
    @property
    def errors(self) -> list[PlanError]:
        """What cannot be had. A plan with errors is not complete: run none of it."""
    @property
    def is_unchanged(self) -> bool: ...

@final
class Step:
    """One step of a plan, in a transaction of its own."""

    @property
    def kind(self) -> Literal["ddl", "async_ddl", "dml", "transaction", "batches", "lookup", "other"]: ...
    @property
    def sql(self) -> str: ...
    @property
    def statements(self) -> list[str]:
        """What runs in one transaction: one statement, or several."""
    @property
    def batches(self) -> Batches | None: ...
    @property
    def lookup(self) -> Lookup | None: ...

@final
class Batches:
    """A change of many rows, page by page, one a transaction."""

    def key_columns(self) -> list[str] | None:
        """None: only the catalog knows; ask key_columns_query()."""
    def key_columns_query(self) -> str: ...
    def page_query(self, key: list[str], after: list[str] | None) -> str: ...
    def statement(self, key: list[str], after: list[str] | None, until: list[str] | None) -> str: ...

@final
class Lookup:
    """A statement whose steps hang on what the catalog holds."""

    @property
    def query(self) -> str:
        """Answers one row of one text column."""
    def plan(self, answer: str) -> Plan: ...

@final
class Note:
    """What was changed, or what now behaves differently."""

    @property
    def rule(self) -> str: ...
    @property
    def message(self) -> str: ...

@final
class PlanError:
    """What cannot be had, why, and what to write instead. str() says it with the service's answer."""

    @property
    def rule(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def sqlstate(self) -> str | None: ...

@final
class Migration:
    """A run of migrations, under the lock that all runners take: a second one waits.

    What has run is entered into the table dsql_record, so that work that was interrupted goes on where it was.
    on_progress is told what goes on, a line at a time.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        purpose: str = "migrations",
        orm: str | None = None,
        on_progress: Callable[[str], object] | None = None,
    ) -> None: ...
    def begin(self, work: str) -> int:
        """Begins a piece of work, or goes on with it. Answers how many statements of it have run."""
    def ddl(self, sql: str, *, foreign_keys: Literal["native", "omit"] = "native", identity_cache: int = 65536) -> None:
        """Runs the plan of a statement on a connection of its own, unless it has run."""
    def write(self, sql: str, values: str) -> str | None:
        """A statement that the caller is about to run: what enters it into the record, to be run in the same
        transaction; None when it has run before. values: any text that tells its values apart."""
    def written(self) -> None:
        """The transaction with the entry was committed."""
    def works(self) -> list[str]:
        """The works of which something has run."""
    def forget(self, works: list[str]) -> None:
        """Forgets what has run of works that are done, and known to be."""
    def close(self) -> None:
        """Gives the lock back."""

@final
class LocalCluster:
    """A local Aurora DSQL cluster, over a PostgreSQL of this machine. It stops when told to, or let go of.

    Defaults: any free port, data in a temporary folder, OC001 on, no faults ("conflict=5%,unavailable=1%").
    """

    def __init__(
        self,
        *,
        port: int = 0,
        data_dir: str | PathLike[str] | None = None,
        schema_conflicts: bool = True,
        faults: str | None = None,
        seed: int | None = None,
        job_delay: float = 0.0,
    ) -> None: ...
    @property
    def url(self) -> str: ...
    @property
    def env(self) -> dict[str, str]:
        """What a client finds in its environment under `dsql local -- COMMAND`."""
    @property
    def port(self) -> int: ...
    @property
    def ca_file(self) -> Path: ...
    def inject(
        self,
        fault: Literal["conflict", "schema", "unavailable", "disconnect", "slow"],
        *,
        at: Literal["statement", "before_commit", "after_commit"] = "statement",
        containing: str | None = None,
        times: int = 1,
        delay: float = 0.1,
    ) -> None:
        """Orders a fault, for the next statements that hold the text, or any."""
    def stop(self) -> None: ...
