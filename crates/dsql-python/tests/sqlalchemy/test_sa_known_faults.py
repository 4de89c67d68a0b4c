"""What goes wrong with aurora-dsql-sqlalchemy 1.3.0 and its connector 0.2.7, and does not here."""

from __future__ import annotations

import importlib.metadata
import logging
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aurora_dsql_sqlalchemy import create_async_dsql_engine, create_dsql_engine, run_in_transaction
from aurora_dsql_sqlalchemy._ddl import DSQLDDLCompiler, DSQLTypeCompiler
from aurora_dsql_sqlalchemy._dialect import DSQLDialect, DSQLExecutionContext
from aurora_dsql_sqlalchemy._locks import DSQLCompiler
from aurora_dsql_sqlalchemy.asyncpg import DSQLDialect_asyncpg
from aurora_dsql_sqlalchemy.psycopg import DSQLDialect_psycopg, DSQLDialectAsync_psycopg
from aurora_dsql_sqlalchemy.psycopg2 import DSQLDialect_psycopg2
from dsql_orm import JobFailedError, LocalCluster, RetryPolicy, Settings, class_of
from sqlalchemy import Column, Engine, ForeignKey, Identity, Index, Integer, MetaData, Sequence, Table, exc, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateSequence, CreateTable

HOST = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws"
OURS = [DSQLDialect, DSQLDialect_psycopg, DSQLDialectAsync_psycopg, DSQLDialect_psycopg2, DSQLDialect_asyncpg]


def sql(construct: sa.schema.ExecutableDDLElement) -> str:
    return " ".join(str(construct.compile(dialect=DSQLDialect_psycopg())).split())


def test_a1_an_install_of_the_readme_has_all_that_is_imported() -> None:
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    for extra in ("sqlalchemy", "psycopg", "psycopg2", "asyncpg"):
        assert f'\n{extra} = ["' in pyproject
    sources = Path(DSQLDialect.__module__.replace(".", "/")).parent
    package = Path(__file__).parents[2] / "python" / sources
    for source in package.glob("*.py"):
        assert "psycopg_pool" not in source.read_text()
        assert "boto" not in source.read_text().replace("botocore have", "").replace("as botocore", "")


def test_a2_columns_are_read_back_on_this_sqlalchemy(engine: Engine) -> None:
    Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("name", sa.String(9))).create(engine)
    assert [column["name"] for column in inspect(engine).get_columns("t")] == ["id", "name"]
    metadata = MetaData()
    metadata.reflect(engine)
    assert metadata.tables["t"].c.name.type.length == 9


def test_a3_a_partial_unique_index_stays_partial(engine: Engine) -> None:
    made = Table("t", MetaData(), Column("mail", sa.Text), Column("gone", sa.Boolean))
    Index("one_mail", made.c.mail, unique=True, postgresql_where=~made.c.gone)
    made.create(engine)
    with engine.begin() as connection:
        connection.execute(made.insert(), [{"mail": "a", "gone": True}, {"mail": "a", "gone": True}])
        connection.execute(made.insert().values(mail="a", gone=False))
    with engine.connect() as connection, pytest.raises(exc.IntegrityError):
        connection.execute(made.insert().values(mail="a", gone=False))


def test_a4_no_option_is_ignored() -> None:
    made = Table("t", MetaData(), Column("a", Integer), Column("b", Integer))
    assert sql(CreateIndex(Index("i", made.c.a, postgresql_include=["b"]))).endswith("INCLUDE (b)")
    for option in ({"postgresql_using": "gin"}, {"postgresql_with": {"fillfactor": 50}}):
        with pytest.raises(exc.CompileError):
            sql(CreateIndex(Index("j", made.c.a, **option)))


def test_a5_an_association_table_has_no_identity_columns(engine: Engine) -> None:
    metadata = MetaData()
    left = Table("l", metadata, Column("id", Integer, primary_key=True))
    Table(
        "l_l",
        metadata,
        Column("a", Integer, ForeignKey("l.id"), primary_key=True),
        Column("b", Integer, ForeignKey("l.id"), primary_key=True),
    )
    metadata.create_all(engine)
    assert [column.get("identity") for column in inspect(engine).get_columns("l_l")] == [None, None]
    assert inspect(engine).get_columns("l")[0]["identity"]
    assert left.c.id.identity is None


def test_a6_a_reference_is_as_wide_as_the_key_and_holds_what_a_sequence_reaches(engine: Engine) -> None:
    metadata = MetaData()
    parent = Table("p", metadata, Column("id", Integer, primary_key=True))
    child = Table("c", metadata, Column("p_id", Integer, ForeignKey("p.id")))
    metadata.create_all(engine)
    with engine.begin() as connection:
        # As a parameter, drivers would send what the model says: an int4.
        connection.execute(sa.text("INSERT INTO p (id) VALUES (3000000000)"))
        connection.execute(child.insert().from_select(["p_id"], sa.select(parent.c.id)))
        assert connection.scalar(sa.select(child.c.p_id)) == 3_000_000_000


def test_a7_every_identity_has_a_cache_and_is_a_bigint(engine: Engine) -> None:
    metadata = MetaData()
    Table("a", metadata, Column("id", sa.BigInteger, Identity(), primary_key=True))
    Table("b", metadata, Column("id", Integer, Identity(always=True), primary_key=True))
    Table("c", metadata, Column("id", sa.Uuid, primary_key=True), Column("n", sa.SmallInteger, Identity()))
    metadata.create_all(engine)
    for name, place in (("a", 0), ("b", 0), ("c", 1)):
        column = inspect(engine).get_columns(name)[place]
        assert column["identity"]["cache"] == 65536
        assert isinstance(column["type"], sa.BigInteger)


def test_a8_a_sequence_called_cache_has_one_and_stays_as_it_was_declared() -> None:
    sequence = Sequence("cache_of_numbers")
    assert sql(CreateSequence(sequence)) == "CREATE SEQUENCE cache_of_numbers CACHE 65536"
    assert sequence.cache is None


def test_a9_a_foreign_key_is_there(engine: Engine) -> None:
    metadata = MetaData()
    Table("p", metadata, Column("id", Integer, primary_key=True))
    child = Table("c", metadata, Column("p_id", ForeignKey("p.id")))
    metadata.create_all(engine)
    with engine.connect() as connection, pytest.raises(exc.IntegrityError):
        connection.execute(child.insert().values(p_id=1))


def test_a10_alembic_knows_the_dialect(engines: Any) -> None:
    migration = pytest.importorskip("alembic.runtime.migration")
    with engines.make().connect() as connection:
        context = migration.MigrationContext.configure(connection)
        assert context.impl.__dialect__ == "auroradsql"
        assert not context.impl.transactional_ddl


def test_a11_constraints_are_validated_and_a_failed_build_is_an_error(engine: Engine) -> None:
    made = Table("t", MetaData(), Column("a", Integer))
    made.create(engine)
    with engine.connect() as connection:
        connection.execute(made.insert(), [{"a": 1}, {"a": 1}])
        connection.commit()
        connection.execute(sa.text("ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0)"))
        assert connection.scalar(sa.text("SELECT convalidated FROM pg_constraint WHERE conname = 'positive'"))
        connection.rollback()
        with pytest.raises(JobFailedError):
            connection.execute(sa.text("CREATE UNIQUE INDEX one_a ON t (a)"))


def test_a12_a_conflict_is_seen_through_what_wraps_it_and_retried(cluster: LocalCluster, engines: Any) -> None:
    engine = engines.make(url=cluster.url)
    made = Table("t", MetaData(), Column("a", Integer))
    made.create(engine)
    cluster.inject("conflict", at="before_commit")
    with Session(engine) as session:
        session.execute(made.insert().values(a=1))
        with pytest.raises(exc.DBAPIError) as error:
            session.commit()
    assert class_of(error.value) == "conflict"
    cluster.inject("conflict", at="before_commit")
    run_in_transaction(engine, lambda session: session.execute(made.insert().values(a=1)))


def test_a13_no_savepoint_or_cursor_is_sent(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    made = Table("t", MetaData(), Column("id", Integer, primary_key=True))
    made.create(engine)
    with Session(engine) as session, session.begin():
        with session.begin_nested():
            session.execute(made.insert())
        rows = session.execute(sa.select(made.c.id).execution_options(stream_results=True))
        assert len(rows.all()) == 1
    with engine.connect() as connection, pytest.raises(exc.ArgumentError):
        connection.execution_options(isolation_level="SERIALIZABLE")


@pytest.mark.parametrize("kind", [postgresql.TSVECTOR, postgresql.TSRANGE])
def test_a13_a_type_that_there_is_not_is_told_before_it_is_sent(kind: Any) -> None:
    with pytest.raises(exc.CompileError):
        sql(CreateTable(Table("t", MetaData(), Column("a", kind))))


def test_a14_connections_are_renewed_and_everything_can_be_set() -> None:
    engine = create_dsql_engine(HOST, port=5433, connect_args={"sslnegotiation": "postgres"})
    assert engine.pool._recycle < 3600
    assert engine.pool._pre_ping
    assert engine.dialect._arguments["sslnegotiation"] == "postgres"
    assert engine.dialect._arguments["port"] == 5433
    assert isinstance(create_dsql_engine(HOST, poolclass=NullPool).pool, NullPool)


def test_a15_with_asyncio_it_is_the_same_dialect() -> None:
    for driver in ("psycopg", "asyncpg"):
        engine = create_async_engine(f"auroradsql+{driver}://admin@{HOST}/postgres")
        made = Table("t", MetaData(), Column("id", Integer, primary_key=True))
        assert "IDENTITY (CACHE 65536)" in str(CreateTable(made).compile(dialect=engine.dialect))


def test_a16_names_mean_one_thing(engines: Any) -> None:
    points = {point.name: point.value for point in importlib.metadata.entry_points(group="sqlalchemy.dialects")}
    assert points["auroradsql"] == points["auroradsql.psycopg"]
    assert make_url("auroradsql://").get_dialect() is DSQLDialect_psycopg
    assert not hasattr(DSQLDialect, "supports_ddl_transactions")
    with engines.make(application_name="mine").connect() as connection:
        assert connection.scalar(sa.text("SELECT current_setting('application_name')")) == "mine"


def test_a17_nothing_of_sqlalchemy_is_copied() -> None:
    """What is overridden is public, and asks SQLAlchemy's own for the most part of it."""
    for ours in [*OURS, DSQLDDLCompiler, DSQLTypeCompiler, DSQLCompiler, DSQLExecutionContext]:
        theirs = [base for base in ours.__mro__ if base.__module__.startswith("sqlalchemy.")]
        own = [name for name, value in vars(ours).items() if callable(value) or isinstance(value, property)]
        for name in own:
            # _load_enums answers nothing, and may as well not be asked.
            if name.startswith("_") and not name.startswith("__") and name != "_load_enums":
                assert not any(name in vars(base) for base in theirs), f"{ours.__name__}.{name} is private there"


def test_a18_a_unit_of_work_is_a_transaction(engine: Engine) -> None:
    made = Table("t", MetaData(), Column("id", Integer, primary_key=True))
    made.create(engine)
    with Session(engine) as session:
        session.execute(made.insert())
        session.rollback()
        assert session.scalar(sa.select(sa.func.count()).select_from(made)) == 0
        assert session.connection().get_isolation_level() == "REPEATABLE READ"


# The connector.


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    monkeypatch.delenv("DSQL_CA_CERT", raising=False)


def test_credentials_are_asked_for_once_and_not_for_each_connection(keys: None) -> None:
    settings = create_dsql_engine(HOST).dialect.dsql_settings
    assert settings.token() == settings.token()
    assert settings.kept_token()


@pytest.mark.parametrize("host", ["localhost", "dsql.internal", "proxy"])
def test_a_host_of_ones_own_is_not_taken_for_a_cluster_id(host: str) -> None:
    assert create_dsql_engine(host, region="us-east-1").dialect.dsql_settings.host == host


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_the_server_is_verified_unless_one_says_otherwise(keys: None, driver: str) -> None:
    arguments = sa.create_engine(f"auroradsql+{driver}://admin@{HOST}/postgres").dialect.arguments(
        {"host": HOST, "user": "admin"}
    )
    assert arguments["sslmode"] == "verify-full"


def test_asyncpg_takes_the_certificates_of_the_system(keys: None) -> None:
    engine = create_async_dsql_engine(HOST, sslrootcert="system")
    assert engine.sync_engine.dialect._arguments["ssl"].get_ca_certs() is not None


def test_a_password_is_not_discarded() -> None:
    settings = create_dsql_engine(HOST, connect_args={"password": "mine"}).dialect.dsql_settings
    assert settings.token() == "mine"


def test_a_token_is_good_for_a_slow_start(keys: None) -> None:
    assert "X-Amz-Expires=900" in Settings(host=HOST).token()


def test_retries_last_longer_than_a_conflict() -> None:
    policy = RetryPolicy()
    assert (policy.max_attempts, policy.max_total) == (8, 30.0)
    longest = sum(min(policy.cap, policy.base * 2**attempt) for attempt in range(policy.max_attempts - 1))
    assert longest > 3


def test_what_a_token_says_is_in_no_log(engines: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), engines.make(echo="debug").connect() as connection:
        connection.execute(sa.text("SELECT 1"))
    assert "X-Amz" not in caplog.text
