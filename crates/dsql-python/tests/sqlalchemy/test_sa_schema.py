"""Tables made, altered, and read back."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
import warnings
from typing import Any

import pytest
import sa_models
import sqlalchemy as sa
from aurora_dsql_sqlalchemy import DSQLWarning, wait_for_indexes
from dsql_orm import JobFailedError, LocalCluster
from sqlalchemy import Column, Engine, ForeignKey, Index, Integer, MetaData, Sequence, Table, exc, inspect, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

rich = MetaData()
NUMBER = text("nextval('owner_number')")
owner = Table(
    "owner",
    rich,
    Column("id", Integer, primary_key=True, comment="counts"),
    Column("name", sa.String(40), nullable=False, server_default="nobody"),
    Column("mail", sa.Text),
    Column("gone", sa.DateTime(timezone=True)),
    Column("initial", sa.Text, sa.Computed("left(name, 1)", persisted=True)),
    Column(
        "number", sa.BigInteger, Sequence("owner_number", metadata=rich), server_default=text("nextval('owner_number')")
    ),
    Column("worth", sa.Numeric(12, 2)),
    sa.CheckConstraint("worth > 0", name="worth_something"),
    sa.UniqueConstraint("mail", name="one_mail", postgresql_nulls_not_distinct=True),
    Index("owner_name", "name", unique=True, postgresql_where=text("gone IS NULL"), postgresql_include=["mail"]),
    Index("owner_lower", sa.func.lower(sa.column("name"))),
    comment="those who have pets",
)
pet = Table(
    "pet",
    rich,
    Column("id", sa.Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("owner_id", Integer, ForeignKey("owner.id", ondelete="CASCADE", name="of_owner")),
    Column("kind", sa.Enum("cat", "dog", name="kind")),
    Column("notes", postgresql.JSONB),
    Column("best_friend_id", sa.Uuid, ForeignKey("pet.id", deferrable=True, initially="DEFERRED")),
)


def statements(metadata: MetaData, engine: Engine) -> list[str]:
    """What would make the schema; indexes and constraints in order of name."""
    made: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DSQLWarning)
        for table in metadata.sorted_tables:
            lines = str(CreateTable(table).compile(engine)).split("\n")
            made += sorted(line.strip(", \t") for line in lines)
            made += sorted(str(CreateIndex(index).compile(engine)) for index in table.indexes)
    return made


def test_what_was_created_and_read_back_creates_the_same_again(engine: Engine) -> None:
    rich.create_all(engine)
    first = MetaData()
    first.reflect(engine)
    first.drop_all(engine)
    first.create_all(engine)
    second = MetaData()
    second.reflect(engine)
    assert statements(first, engine) == statements(second, engine)
    assert set(first.tables) == {"owner", "pet"}


def test_everything_of_a_table_is_read_back(engine: Engine) -> None:
    rich.create_all(engine)
    found = inspect(engine)
    columns = {column["name"]: column for column in found.get_columns("owner")}
    assert isinstance(columns["id"]["type"], sa.BigInteger)
    assert columns["id"]["identity"]["cache"] == 65536
    assert columns["id"]["comment"] == "counts"
    assert columns["name"]["default"].startswith("'nobody'")
    assert columns["name"]["type"].length == 40
    assert columns["initial"]["computed"]["persisted"]
    assert "owner_number" in columns["number"]["default"]
    assert (columns["worth"]["type"].precision, columns["worth"]["type"].scale) == (12, 2)
    assert columns["gone"]["type"].timezone
    assert found.get_table_comment("owner")["text"] == "those who have pets"
    assert found.get_pk_constraint("owner")["constrained_columns"] == ["id"]
    (unique,) = found.get_unique_constraints("owner")
    assert (unique["name"], unique["column_names"]) == ("one_mail", ["mail"])
    indexes = {index["name"]: index for index in found.get_indexes("owner")}
    assert indexes["owner_name"]["unique"]
    assert indexes["owner_name"]["dialect_options"]["auroradsql_include"] == ["mail"]
    assert "gone IS NULL" in indexes["owner_name"]["dialect_options"]["auroradsql_where"]
    assert "auroradsql_using" not in indexes["owner_name"]["dialect_options"]
    assert indexes["owner_lower"]["expressions"] == ["lower(name)"] or "lower" in str(indexes["owner_lower"])
    keys = {key["name"]: key for key in found.get_foreign_keys("pet")}
    assert keys["of_owner"]["options"]["ondelete"] == "CASCADE"
    assert keys["pet_best_friend_id_fkey"]["options"]["initially"] == "DEFERRED"
    assert "worth_something" in [check["name"] for check in found.get_check_constraints("owner")]
    assert "owner_number" in found.get_sequence_names()
    assert set(found.get_table_names()) == {"owner", "pet"}


def test_views_and_schemas_are_read_back(engine: Engine) -> None:
    schema = f"clinic_{engine.driver}_{'a' if engine.dialect.is_async else 's'}"
    with engine.connect() as connection:
        connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        metadata = MetaData(schema=schema)
        made = Table("t", metadata, Column("id", Integer, primary_key=True), Index("i", "id"))
        metadata.create_all(connection)
        connection.execute(made.insert())
        connection.commit()
        connection.execute(text("CREATE VIEW v AS SELECT 1 AS one"))
        found = inspect(connection)
        assert schema in found.get_schema_names()
        assert found.get_table_names(schema=schema) == ["t"]
        assert found.get_view_names() == ["v"]
        assert "1 AS one" in found.get_view_definition("v")
        metadata.drop_all(connection)
        connection.execute(sa.schema.DropSchema(schema))


def test_tables_are_found_in_a_schema_that_is_translated(engine: Engine) -> None:
    schema = f"tenant_{engine.driver}_{'a' if engine.dialect.is_async else 's'}"
    metadata = MetaData()
    made = Table("t", metadata, Column("id", Integer, primary_key=True), Index("i", "id"), schema="tenant")
    with engine.connect().execution_options(schema_translate_map={"tenant": schema}) as connection:
        connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        metadata.create_all(connection)
        connection.execute(made.insert())
        connection.commit()
        assert connection.scalar(select(made.c.id)) is not None
        connection.rollback()
        metadata.drop_all(connection)
        connection.execute(sa.schema.DropSchema(schema))


def test_tables_that_refer_to_each_other_are_created_and_dropped(engine: Engine) -> None:
    metadata = MetaData()
    Table(
        "a",
        metadata,
        Column("id", sa.Uuid, primary_key=True),
        Column("b_id", ForeignKey("b.id", name="a_b", use_alter=True)),
    )
    Table(
        "b",
        metadata,
        Column("id", sa.Uuid, primary_key=True),
        Column("a_id", ForeignKey("a.id", name="b_a", use_alter=True)),
    )
    metadata.create_all(engine)
    assert [key["name"] for key in inspect(engine).get_foreign_keys("a")] == ["a_b"]
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'f'"))
    metadata.drop_all(engine)
    assert inspect(engine).get_table_names() == []


@pytest.mark.engine(foreign_keys="omit")
def test_foreign_keys_can_be_left_out(engine: Engine) -> None:
    sa_models.Base.metadata.create_all(engine)
    assert inspect(engine).get_foreign_keys("pet") == []
    found = {column["name"]: column["type"] for column in inspect(engine).get_columns("pet")}
    assert isinstance(found["owner_id"], sa.BigInteger)


def test_constraints_are_added_to_a_table_with_rows_and_validated(engine: Engine) -> None:
    metadata = MetaData()
    Table("owner", metadata, Column("id", sa.BigInteger, primary_key=True, autoincrement=False))
    made = Table("t", metadata, Column("a", Integer), Column("b", Integer), Column("owner_id", sa.BigInteger))
    metadata.create_all(engine)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO owner VALUES (1)"))
        connection.execute(made.insert(), [{"a": 1, "b": 1, "owner_id": 1}, {"a": 2, "b": 2, "owner_id": None}])
        connection.commit()
        for constraint in (
            sa.CheckConstraint("a > 0", name="positive"),
            sa.UniqueConstraint("b", name="one_b"),
            sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="of_owner"),
        ):
            made.append_constraint(constraint)
            connection.execute(AddConstraint(constraint, isolate_from_table=True))
        valid = text("SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 't'::regclass ORDER BY conname")
        assert connection.execute(valid).all() == [("of_owner", True), ("one_b", True), ("positive", True)]
        connection.rollback()
        with pytest.raises(exc.IntegrityError):
            connection.execute(made.insert().values(a=-1))
        connection.rollback()


def test_a_unique_index_over_rows_that_repeat_is_an_error_that_says_so(engine: Engine) -> None:
    metadata = MetaData()
    made = Table("t", metadata, Column("a", Integer))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(made.insert(), [{"a": 1}, {"a": 1}])
    with pytest.raises(JobFailedError, match="duplicate"):
        Index("one_a", made.c.a, unique=True).create(engine)
    assert [index["name"] for index in inspect(engine).get_indexes("t")] == ["one_a"]
    made.indexes.pop().drop(engine)


def test_a_check_that_rows_break_is_an_error(engine: Engine) -> None:
    made = Table("t", MetaData(), Column("a", Integer))
    made.create(engine)
    with engine.connect() as connection:
        connection.execute(made.insert().values(a=-1))
        connection.commit()
        check = sa.CheckConstraint("a > 0", name="positive")
        made.append_constraint(check)
        with pytest.raises(JobFailedError):
            connection.execute(AddConstraint(check, isolate_from_table=True))


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg"])
def test_jobs_are_awaited_unless_asked_not_to(engines: Any, driver: str) -> None:
    cluster = LocalCluster(job_delay=0.6)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in cluster.env.items():
            if not name.startswith("PG"):
                environment.setenv(name, value)
        engine = engines.make(driver, url=cluster.url)
        valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass")
        metadata = MetaData()
        made = Table("t", metadata, Column("a", Integer))
        metadata.create_all(engine)
        index = Index("i", made.c.a)
        index.create(engine)
        with engine.connect() as connection:
            assert connection.scalar(valid) is True
        index.drop(engine)
        index.create(engine.execution_options(wait_for_indexes=False))
        with engine.connect() as connection:
            assert connection.scalar(valid) is False
        wait_for_indexes(engine)
        with engine.connect() as connection:
            assert connection.scalar(valid) is True
    cluster.stop()


def test_several_indexes_are_built_at_a_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    send = engine.dialect._send

    def record(connection: Any, task: Any) -> Any:
        sent.extend(statement.split(" ")[0] for statement in task.statements)
        return send(connection, task)

    monkeypatch.setattr(engine.dialect, "_send", record)
    metadata = MetaData()
    for number in range(2):
        Table(f"t{number}", metadata, Column("a", Integer, index=True), Column("b", Integer, index=True))
    metadata.create_all(engine)
    assert sent == ["CREATE"] * 6 + ["CALL"] * 4


@pytest.mark.engine(wait_for_indexes=False)
def test_an_engine_that_does_not_wait_learns_of_failures_later(engine: Engine) -> None:
    made = Table("t", MetaData(), Column("a", Integer))
    made.create(engine)
    with engine.begin() as connection:
        connection.execute(made.insert(), [{"a": 1}, {"a": 1}])
    Index("one_a", made.c.a, unique=True).create(engine)
    with pytest.raises(JobFailedError, match="one_a"):
        wait_for_indexes(engine)
    wait_for_indexes(engine)


def test_an_index_that_is_built_is_awaited_before_what_comes_next(engine: Engine) -> None:
    made = Table("t", MetaData(), Column("a", Integer))
    made.create(engine)
    with engine.connect() as connection:
        connection.execute(made.insert(), [{"a": 1}, {"a": 1}])
        connection.commit()
        Index("one_a", made.c.a, unique=True).create(connection)
        with pytest.raises(JobFailedError, match="one_a"):
            connection.execute(select(made))
        connection.rollback()
        assert len(connection.execute(select(made)).all()) == 2


def test_ddl_as_text_becomes_a_plan(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (id serial PRIMARY KEY, a int, b text)"))
        connection.execute(text("CREATE INDEX CONCURRENTLY i ON t (a)"))
        with pytest.warns(DSQLWarning, match="add_column") as warned:
            connection.exec_driver_sql("ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 7")
        assert {warning.filename for warning in warned} == {__file__}
        connection.execute(text("INSERT INTO t (a) VALUES (1), (2)"))
        connection.commit()
        assert connection.execute(text("SELECT c FROM t")).all() == [(7,), (7,)]
        connection.rollback()
        connection.execute(text("TRUNCATE t"))
        assert connection.scalar(text("SELECT count(*) FROM t")) == 0
        connection.rollback()
        connection.execute(text("CREATE TABLE a (x int CHECK (x % 2 = 0)); CREATE TABLE b (x int)"))
        assert {"a", "b"} <= set(inspect(connection).get_table_names())


def test_the_job_of_an_index_that_is_written_for_the_service_is_answered(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (a int)"))
        job_id = connection.scalar(text("CREATE INDEX ASYNC i ON t (a)"))
        assert len(job_id) == 26
        assert connection.scalar(text("SELECT status FROM sys.jobs WHERE job_id = :id"), {"id": job_id}) == "completed"


def test_what_is_written_in_another_form_warns_and_what_cannot_be_is_an_error(engine: Engine) -> None:
    with engine.connect() as connection:
        with pytest.warns(DSQLWarning, match="jsonb"):
            connection.execute(text("CREATE TABLE t (a int[])"))
        with pytest.raises(exc.CompileError, match="temporary_table"):
            connection.execute(text("CREATE TEMPORARY TABLE u (a int)"))


def test_reflection_asks_no_catalog_that_is_not_documented(engine: Engine) -> None:
    rich.create_all(engine)
    asked: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *each: asked.append(each[2]))
    found = MetaData()
    found.reflect(engine)
    inspect(engine).get_enums()
    assert asked
    for name in ("pg_enum", "pg_proc", "pg_extension", "pg_locks", "pg_matviews", "pg_trigger", "pg_stat_"):
        assert not [statement for statement in asked if name in statement], name


def test_drop_and_create_in_one_connection(engine: Engine) -> None:
    with engine.begin() as connection:
        sa_models.Base.metadata.create_all(connection)
        sa_models.Base.metadata.drop_all(connection)
        sa_models.Base.metadata.create_all(connection)
        assert "vet" in inspect(connection).get_table_names()


def test_tables_with_special_names_and_defaults(engine: Engine) -> None:
    metadata = MetaData()
    Table(
        "Mixed Case",
        metadata,
        Column("Order", Integer, primary_key=True),
        Column("50%", sa.Text, server_default="100%"),
        Column("at", sa.DateTime, server_default=sa.func.now()),
        Index("Some Index", "Order"),
    )
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text('INSERT INTO "Mixed Case" DEFAULT VALUES'))
        assert connection.scalar(text('SELECT "50%" FROM "Mixed Case"')) == "100%"
    assert inspect(engine).get_indexes("Mixed Case")[0]["name"] == "Some Index"


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@pytest.mark.engine(arrays="jsonb")
def test_lists_go_into_jsonb_and_come_back(engine: Engine) -> None:
    columns: dict[str, tuple[sa.types.TypeEngine[Any], list[Any]]] = {
        "numbers": (sa.ARRAY(Integer), [1, None, 3]),
        "texts": (postgresql.ARRAY(sa.Text), ["a", 'q"uote', "50%"]),
        "days": (sa.ARRAY(sa.Date), [datetime.date(2024, 2, 29)]),
        "moments": (sa.ARRAY(sa.DateTime), [datetime.datetime(2024, 2, 29, 12, 30, 1, 5)]),
        "amounts": (sa.ARRAY(sa.Numeric), [decimal.Decimal("1.10")]),
        "ids": (sa.ARRAY(sa.Uuid), [uuid.UUID(int=7)]),
        "sizes": (sa.ARRAY(sa.Enum(Size, native_enum=False, create_constraint=False)), [Size.LARGE, Size.SMALL]),
        "grid": (sa.ARRAY(Integer, dimensions=2), [[1, 2], [3, 4]]),
        "none": (sa.ARRAY(Integer), None),
    }
    metadata = MetaData()
    made = Table("t", metadata, *(Column(name, kind) for name, (kind, _) in columns.items()))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(made.insert().values({name: value for name, (_, value) in columns.items()}))
        row = connection.execute(select(made)).one()
        assert row._asdict() == {name: value for name, (_, value) in columns.items()}
        assert connection.scalar(select(made.c.texts).where(made.c.numbers == [1, None, 3])) is not None


def test_every_type_that_the_service_has_round_trips(engine: Engine) -> None:
    columns: dict[str, tuple[sa.types.TypeEngine[Any], Any]] = {
        "small": (sa.SmallInteger(), -5),
        "whole": (Integer(), 2**31 - 1),
        "big": (sa.BigInteger(), 2**63 - 1),
        "real": (sa.REAL(), 0.5),
        "double": (sa.Double(), 1.5),
        "amount": (sa.Numeric(30, 10), decimal.Decimal("12345678901234567890.1234567890")),
        "yes": (sa.Boolean(), True),
        "id": (sa.Uuid(), uuid.UUID(int=1)),
        "fixed": (sa.CHAR(3), "abc"),
        "short": (sa.String(10), "ä€😀"),
        "long": (sa.Text(), "x" * 10_000),
        "raw": (sa.LargeBinary(), b"\x00\xff"),
        "day": (sa.Date(), datetime.date(2024, 2, 29)),
        "at": (sa.DateTime(), datetime.datetime(2024, 2, 29, 1, 2, 3, 4)),
        "when": (sa.DateTime(timezone=True), datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)),
        "time": (sa.Time(), datetime.time(1, 2, 3)),
        "span": (sa.Interval(), datetime.timedelta(days=1, seconds=2)),
        "json": (sa.JSON(), {"a": [1, None, "b"]}),
        "jsonb": (postgresql.JSONB(), {"a": {"b": True}}),
        "size": (sa.Enum(Size, name="size"), Size.LARGE),
    }
    metadata = MetaData()
    made = Table("t", metadata, *(Column(name, kind) for name, (kind, _) in columns.items()))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(made.insert().values({name: value for name, (_, value) in columns.items()}))
        row = connection.execute(select(made)).one()
        assert row._asdict() == {name: value for name, (_, value) in columns.items()}
        json = select(made.c.json["a"][2].as_string(), made.c.jsonb["a"]["b"].as_boolean())
        assert connection.execute(json).one() == ("b", True)


def test_sequences_count(engine: Engine) -> None:
    metadata = MetaData()
    sequence = Sequence("s", start=10, metadata=metadata)
    made = Table("t", metadata, Column("id", Integer, Sequence("ids", cache=1), primary_key=True), Column("a", Integer))
    metadata.create_all(engine)
    with engine.begin() as connection:
        assert connection.scalar(sequence) == 10
        assert connection.execute(made.insert().values(a=1)).inserted_primary_key == (1,)
        assert connection.scalars(made.insert().returning(made.c.id), [{"a": 2}, {"a": 3}]).all() == [2, 3]


@pytest.mark.filterwarnings("ignore:a view of the query")
@pytest.mark.engine(isolation_level="AUTOCOMMIT")
def test_an_engine_that_commits_each_statement_runs_plans_and_waits(engine: Engine) -> None:
    sa_models.Base.metadata.create_all(engine)
    made = Table("t", MetaData(), Column("a", Integer))
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1); CREATE INDEX i ON t (a)"))
        with pytest.raises(JobFailedError, match="one_a"):
            Index("one_a", made.c.a, unique=True).create(connection)
        connection.execute(text("CREATE TABLE u AS SELECT a + 1 AS b FROM t"))
        assert connection.execute(text("SELECT b FROM u")).all() == [(2,), (2,)]


@pytest.mark.filterwarnings("ignore::aurora_dsql_sqlalchemy.DSQLWarning")
@pytest.mark.parametrize(
    ("kind", "value"),
    [(postgresql.INET(), "10.0.0.1"), (postgresql.MACADDR(), "08:00:2b:01:02:03"), (postgresql.MONEY(), 5)],
)
def test_a_type_in_another_form_is_written_and_read(engine: Engine, kind: Any, value: Any) -> None:
    made = Table("t", MetaData(), Column("a", kind))
    made.create(engine)
    with engine.begin() as connection:
        connection.execute(made.insert().values(a=value))
        assert str(connection.scalar(select(made.c.a))).removesuffix(".00") == str(value)
