"""Engines: how they are made, what they are told, and what they say when they cannot connect."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import pickle
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from aurora_dsql_sqlalchemy import create_async_dsql_engine, create_dsql_engine
from dsql_orm import LocalCluster, Settings, sqlstate_of
from sqlalchemy import Engine, exc, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool, StaticPool

HOST = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "a secret"}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes an engine connect, and answers what the driver is told."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    for name in ("DSQL_URL", "DSQL_CA_CERT", "PGSSLROOTCERT", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    def connect(engine: Engine) -> dict[str, Any]:
        arguments: dict[str, Any] = {}

        class Seen(Exception):  # noqa: N818
            pass

        def seen(*_args: Any, **kwargs: Any) -> None:
            arguments.update(kwargs)
            raise Seen

        monkeypatch.setattr(engine.dialect.dbapi, "connect", seen)
        with pytest.raises(Seen):
            engine.raw_connection()
        return arguments

    return connect


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_connections_are_verified_and_signed_in_by_default(told: Any, driver: str) -> None:
    arguments = told(create_dsql_engine(HOST, "admin", driver))
    assert arguments["sslmode"] == "verify-full"
    assert arguments["sslrootcert"] == "system" or Path(arguments["sslrootcert"]).is_file()
    assert arguments["host"] == HOST
    assert arguments["port"] == 5432
    assert arguments["user"] == "admin"
    assert arguments["dbname"] == "postgres"
    assert arguments["application_name"].startswith(f"sqlalchemy:aurora-dsql-rust-{driver}/") or (
        driver in arguments["application_name"]
    )
    assert "X-Amz-Signature" in arguments["password"]
    assert "X-Amz-Expires=900" in arguments["password"]


def test_asyncpg_verifies_too(engines: Any, told: Any) -> None:
    arguments = told(engines.make("asyncpg", url=f"dsql://admin@{HOST}/postgres", sslrootcert="system"))
    context = arguments["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert arguments["direct_tls"] is True


def test_what_is_given_arrives(told: Any, dsql_cluster: LocalCluster) -> None:
    ca = dsql_cluster.ca_file
    engine = create_dsql_engine(
        HOST,
        "app",
        "psycopg",
        "postgres",
        sslrootcert=ca,
        application_name="clinic",
        port=5433,
        token_duration_secs=60,
        connect_args={"keepalives": 1, "sslnegotiation": "postgres", "connect_timeout": 3},
    )
    arguments = told(engine)
    assert arguments["user"] == "app"
    assert arguments["port"] == 5433
    assert arguments["sslrootcert"] == str(ca)
    assert arguments["application_name"] == "clinic"
    assert arguments["keepalives"] == 1
    assert arguments["sslnegotiation"] == "postgres"
    assert arguments["connect_timeout"] == 3
    assert "X-Amz-Expires=60" in arguments["password"]


def test_a_cluster_id_and_a_region_are_a_host(told: Any) -> None:
    arguments = told(create_dsql_engine(HOST.partition(".")[0], region="eu-west-1"))
    assert arguments["host"] == f"{HOST.partition('.')[0]}.dsql.eu-west-1.on.aws"


@pytest.mark.parametrize("host", ["localhost", "db.example.com"])
def test_another_host_is_taken_as_it_is(told: Any, host: str) -> None:
    assert told(create_dsql_engine(host, region="us-east-1"))["host"] == host


def test_a_url_says_the_same(told: Any) -> None:
    engine = sa.create_engine(f"auroradsql+psycopg://app@{HOST}:5433/postgres?token_duration_secs=60&keepalives=1")
    arguments = told(engine)
    assert (arguments["host"], arguments["port"], arguments["user"]) == (HOST, 5433, "app")
    assert arguments["keepalives"] == "1"
    assert "X-Amz-Expires=60" in arguments["password"]


def test_without_a_host_it_is_dsql_url(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSQL_URL", f"dsql://app@{HOST}/postgres")
    for engine in (create_dsql_engine(), sa.create_engine("auroradsql://"), create_dsql_engine(user="app")):
        assert (told(engine)["host"], told(engine)["user"]) == (HOST, "app")


def test_a_password_of_ones_own_is_sent(told: Any) -> None:
    assert told(sa.create_engine(f"auroradsql+psycopg://admin:secret@{HOST}/postgres"))["password"] == "secret"


def test_a_provider_of_credentials_is_asked_and_not_for_each_connection(told: Any) -> None:
    asked: list[int] = []

    class Provider:
        def load(self) -> Any:
            asked.append(1)
            return SimpleNamespace(access_key="AKIDPROVIDED", secret_key="s", token="t", _expiry_time=None)

    engine = create_dsql_engine(HOST, custom_credentials_provider=Provider())
    assert "AKIDPROVIDED" in told(engine)["password"]
    assert "AKIDPROVIDED" in told(engine)["password"]
    assert len(asked) == 1
    in_connect_args = create_dsql_engine(HOST, connect_args={"custom_credentials_provider": Provider()})
    assert "AKIDPROVIDED" in told(in_connect_args)["password"]


def test_a_token_is_made_once_and_not_in_milliseconds(told: Any) -> None:
    engine = create_dsql_engine(HOST)
    first = told(engine)["password"]
    settings: Settings = engine.dialect.dsql_settings
    began = time.perf_counter()
    tokens = {settings.token() for _ in range(1000)}
    assert time.perf_counter() - began < 1
    assert tokens == {first}


def test_the_pool_renews_connections_before_the_service_ends_them() -> None:
    engine = create_dsql_engine(HOST)
    by_url = sa.create_engine(f"auroradsql+psycopg2://admin@{HOST}/postgres")
    asynchronous = create_async_dsql_engine(HOST).sync_engine
    for each in (engine, by_url, asynchronous, by_url.execution_options()):
        assert each.pool.size() == 10
        assert each.pool._max_overflow == 10
        assert each.pool._recycle == 3300
        assert each.pool._pre_ping
    assert engine.pool.recreate()._recycle == 3300


def test_the_pool_is_as_asked() -> None:
    engine = create_dsql_engine(HOST, pool_size=3, max_overflow=0, pool_recycle=60, pool_pre_ping=False, pool_timeout=1)
    assert (engine.pool.size(), engine.pool._max_overflow, engine.pool._recycle) == (3, 0, 60)
    assert not engine.pool._pre_ping
    assert isinstance(create_dsql_engine(HOST, poolclass=NullPool).pool, NullPool)
    assert isinstance(create_dsql_engine(HOST, poolclass=StaticPool).pool, StaticPool)
    assert isinstance(create_async_dsql_engine(HOST, poolclass=NullPool).pool, NullPool)


def test_a_pool_of_no_connections_works(engines: Any) -> None:
    engine = engines.make(poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize(
    ("url", "dialect", "is_async"),
    [
        ("auroradsql://", "DSQLDialect_psycopg", False),
        ("auroradsql+psycopg://", "DSQLDialect_psycopg", False),
        ("auroradsql+psycopg2://", "DSQLDialect_psycopg2", False),
        ("auroradsql+psycopg://", "DSQLDialectAsync_psycopg", True),
        ("auroradsql://", "DSQLDialectAsync_psycopg", True),
        ("auroradsql+asyncpg://", "DSQLDialect_asyncpg", True),
    ],
)
def test_a_url_names_the_dialect(url: str, dialect: str, is_async: bool) -> None:
    url = url + f"admin@{HOST}/postgres"
    engine = create_async_engine(url).sync_engine if is_async else sa.create_engine(url)
    assert type(engine.dialect).__name__ == dialect
    assert engine.dialect.name == "auroradsql"
    assert engine.dialect.is_async is is_async


def test_the_names_of_the_other_dialect_are_there() -> None:
    from aurora_dsql_sqlalchemy.base import AuroraDSQLDDLCompiler, AuroraDSQLDialect
    from aurora_dsql_sqlalchemy.psycopg import AuroraDSQLDialect_psycopg
    from aurora_dsql_sqlalchemy.psycopg2 import AuroraDSQLDialect_psycopg2

    assert issubclass(AuroraDSQLDialect_psycopg, AuroraDSQLDialect)
    assert issubclass(AuroraDSQLDialect_psycopg2, AuroraDSQLDialect)
    assert AuroraDSQLDialect.ddl_compiler is AuroraDSQLDDLCompiler


def test_a_creator_of_ones_own_is_used(engines: Any) -> None:
    made: list[Any] = []
    inner = engines.make()

    def creator() -> Any:
        made.append(inner.dialect.connect(**inner.dialect.create_connect_args(inner.url)[1]))
        return made[-1]

    for engine in (
        sa.create_engine("auroradsql+psycopg://", creator=creator),
        create_dsql_engine(creator=creator),
    ):
        made.clear()
        sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True)).create(engine, checkfirst=True)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        assert len(made) == 1
        engine.dispose()


def test_an_engine_can_be_made_again_from_its_url(engines: Any) -> None:
    engine = engines.make(application_name="clinic")
    url = pickle.loads(pickle.dumps(engine.url))
    assert url == engine.url
    again = sa.create_engine(str(url))
    with again.connect() as connection:
        assert connection.scalar(text("SELECT current_setting('application_name')")) == "clinic"
    again.dispose()


def test_threads_share_an_engine(engines: Any) -> None:
    engine = engines.make(pool_size=4, max_overflow=0)
    found: list[int] = []

    def work() -> None:
        for number in range(10):
            with engine.connect() as connection:
                found.append(connection.scalar(text("SELECT CAST(:n AS int)"), {"n": number}))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(list(range(10)) * 8)


def _in_a_child(engine: Engine, answers: Any) -> None:
    # As the documentation says: the connections are the parent's.
    engine.dispose(close=False)
    try:
        with engine.connect() as connection:
            answers.put(connection.scalar(text("SELECT 7")))
    except Exception as error:
        answers.put(repr(error))


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_children_that_are_forked_use_the_engine_of_their_parent(engines: Any, driver: str) -> None:
    engine = engines.make(driver)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    children = [context.Process(target=_in_a_child, args=(engine, answers)) for _ in range(3)]
    for child in children:
        child.start()
    assert [answers.get(timeout=30) for _ in children] == [7, 7, 7]
    for child in children:
        child.join(30)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 2")) == 2


def test_nothing_but_sqlalchemy_and_a_driver_is_needed() -> None:
    """Also not psycopg_pool, boto3, alembic or the ORM."""
    program = f"""
import sys
for name in ("psycopg_pool", "boto3", "botocore", "alembic", "psycopg2", "asyncpg", "pytest", "tortoise"):
    sys.modules[name] = None
from aurora_dsql_sqlalchemy import create_dsql_engine
engine = create_dsql_engine(host={HOST!r}, user="admin")
assert "sqlalchemy.orm" not in sys.modules
assert "sqlalchemy.ext.asyncio" not in sys.modules
print(engine.dialect.name)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("auroradsql\n", "")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: create_dsql_engine(HOST, sslmode="disable"), "sslmode"),
        (lambda: create_dsql_engine(HOST, sslmode="prefer"), "sslmode"),
        (lambda: create_dsql_engine(HOST, token_duration_secs=0), "token_duration"),
        (lambda: create_dsql_engine(HOST, connect_args={"port": "many"}), "many"),
        (lambda: create_dsql_engine(HOST, driver="asyncpg"), "create_async_dsql_engine"),
        (lambda: create_async_dsql_engine(HOST, driver="psycopg2"), "create_dsql_engine"),
        (lambda: create_dsql_engine(HOST, driver="pg8000"), "psycopg or psycopg2"),
        (lambda: create_dsql_engine(HOST, foreign_keys="none"), "'native' or 'omit'"),
        (lambda: create_dsql_engine(HOST, arrays="json"), "'refuse' or 'jsonb'"),
        (lambda: create_dsql_engine(HOST, custom_credentials_provider=object()), r"load\(\)"),
        (lambda: create_dsql_engine("not a url://"), "Could not parse|not a url"),
    ],
)
def test_bad_settings_are_told_when_the_engine_is_made(make: Any, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DSQL_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(exc.ArgumentError, match=says):
        make()


def test_a_region_that_is_not_known_is_told_when_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(exc.ArgumentError, match=r"region of db\.example\.com"):
        create_dsql_engine("db.example.com").connect()


def test_no_host_at_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DSQL_URL", raising=False)
    with pytest.raises(exc.ArgumentError, match="DSQL_URL"):
        create_dsql_engine()
    with pytest.raises(exc.ArgumentError, match="DSQL_URL"):
        sa.create_engine("auroradsql+psycopg2://").connect()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg", "psycopg-async"])
def test_missing_credentials_are_told(
    engines: Any, driver: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    engine = engines.make(driver, url=f"dsql://admin@{HOST}/postgres")
    with pytest.raises(exc.OperationalError, match="credentials"):
        engine.connect()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg", "psycopg-async"])
def test_a_certificate_that_is_not_there_is_told(engines: Any, driver: str, tmp_path: Path) -> None:
    with pytest.raises((exc.ArgumentError, exc.OperationalError), match=r"none\.pem"):
        engines.make(driver, sslrootcert=tmp_path / "none.pem").connect()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg", "psycopg-async"])
def test_a_certificate_of_another_is_refused(engines: Any, driver: str) -> None:
    with pytest.raises(exc.OperationalError, match="certificate verify failed"):
        engines.make(driver, sslrootcert="system").connect()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg", "psycopg-async"])
def test_a_host_that_is_not_there_is_told(engines: Any, driver: str) -> None:
    engine = engines.make(driver, url="dsql://admin@localhost:1/postgres?region=us-east-1")
    with pytest.raises(exc.OperationalError, match=r"(?i)refused|connect call failed"):
        engine.connect()


def test_a_driver_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for driver, make in (("psycopg", create_dsql_engine), ("asyncpg", create_async_dsql_engine)):
        monkeypatch.setitem(sys.modules, driver, None)
        with pytest.raises(exc.NoSuchModuleError, match=rf'pip install "dsql-orm\[sqlalchemy,{driver}\]"'):
            make(HOST)


def test_a_user_that_there_is_not_is_told_with_the_answer_of_the_server(engines: Any) -> None:
    with pytest.raises(exc.OperationalError) as error:
        engines.make(user="nobody").connect()
    assert "nobody" in str(error.value) or sqlstate_of(error.value) == "28000"


def test_an_idle_connection_that_was_cut_is_replaced(engines: Any, cluster: Any) -> None:
    for driver in ("psycopg", "psycopg2", "asyncpg", "psycopg-async"):
        engine = engines.make(driver, url=cluster.url, pool_size=1)
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        cut(engine)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 2")) == 2


def cut(engine: Engine) -> None:
    """Ends the connection of a pool of one behind its back."""
    proxied: Any = engine.raw_connection()
    driver_connection = proxied.driver_connection
    proxied.close()
    if hasattr(driver_connection, "fileno"):
        with socket.socket(fileno=os.dup(driver_connection.fileno())) as one:
            one.shutdown(socket.SHUT_RDWR)
    else:
        driver_connection._transport.abort()


def test_the_credentials_of_a_provider_may_end(told: Any) -> None:
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)

    class Provider:
        def load(self) -> Any:
            return SimpleNamespace(access_key="AKIDPROVIDED", secret_key="s", token=None, _expiry_time=soon)

    assert "AKIDPROVIDED" in told(create_dsql_engine(HOST, custom_credentials_provider=Provider()))["password"]


def test_urls_show_no_secret() -> None:
    engine = sa.create_engine(f"auroradsql+psycopg://admin:secret@{HOST}/postgres")
    assert "secret" not in repr(engine)
    assert make_url(str(create_dsql_engine(HOST, profile="dev").url)).query["profile"] == "dev"
