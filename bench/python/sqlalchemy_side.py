"""One figure of one side: sqlalchemy_side.py ours|theirs FIGURE; prints seconds."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import sqlalchemy as sa
from aurora_dsql_sqlalchemy import create_dsql_engine
from common import PORT, THEIR_HOST, timed
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

OURS = sys.argv[1] == "ours"


def engine(**options: Any) -> sa.Engine:
    if OURS:
        return create_dsql_engine(os.environ["DSQL_URL"], wait_for_indexes=False, **options)
    return create_dsql_engine(
        host=THEIR_HOST,
        user="admin",
        sslmode="verify-ca",
        sslrootcert=os.environ["PGSSLROOTCERT"],
        connect_args={"hostaddr": "127.0.0.1", "port": PORT, "region": "us-east-1"},
        pool_pre_ping=True,
        **options,
    )


class Base(DeclarativeBase):
    pass


class Pet(Base):
    __tablename__ = f"bench_pet_{sys.argv[1]}"
    id: Mapped[Any] = mapped_column(sa.Uuid, primary_key=True, server_default=sa.func.gen_random_uuid())
    name: Mapped[str] = mapped_column(sa.String(50))
    age: Mapped[int | None]


def setting_up() -> float:
    """What a connection costs before the network: settings and token."""
    if OURS:
        own = engine()
        dialect: Any = own.dialect
        _, given = dialect.create_connect_args(own.url)
        dialect.arguments(dict(given))

        def settings_and_token() -> None:
            dialect.arguments(dict(given))
            dialect.dsql_settings.token()

        return timed(settings_and_token, 201)
    return setting_up_theirs(21)


def setting_up_first() -> float:
    """The same for the first connection of a process: nothing is kept yet."""
    if OURS:
        own = engine()
        _, given = own.dialect.create_connect_args(own.url)

        def anew() -> None:
            dialect: Any = engine().dialect
            dialect.arguments(dict(given))
            dialect.dsql_settings.token()

        return timed(anew, 1)
    return setting_up_theirs(1)


def setting_up_theirs(rounds: int) -> float:
    from dsql_core.connection_utils import ConnectionUtilities

    given = {"host": THEIR_HOST, "user": "admin", "region": "us-east-1", "sslmode": "verify-full"}
    return timed(
        lambda: ConnectionUtilities.parse_properties_and_set_token("", dict(given), driver_name="psycopg"), rounds
    )


def tables() -> sa.MetaData:
    metadata = sa.MetaData()
    for number in range(50):
        sa.Table(
            f"bench_{number}",
            metadata,
            sa.Column("id", sa.Uuid, primary_key=True, server_default=sa.func.gen_random_uuid()),
            sa.Column("name", sa.String(50), nullable=False),
            sa.Column("age", sa.Integer, index=True),
            sa.Column("price", sa.Numeric(10, 2)),
            sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now()),
            sa.Index(f"bench_{number}_name", "name", unique=True),
        )
    return metadata


def drop(own: sa.Engine, metadata: sa.MetaData) -> None:
    """Not of the figure: both by the same statements, after the jobs have ended."""
    with own.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        deadline = time.monotonic() + 120
        while connection.scalar(sa.text("SELECT count(*) FROM sys.jobs WHERE status IN ('submitted', 'processing')")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for table in metadata.tables:
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))


def create_all() -> float:
    own, metadata = engine(), tables()
    drop(own, metadata)
    took = timed(lambda: metadata.create_all(own), 1)
    drop(own, metadata)
    return took


def reflect() -> float:
    own, metadata = engine(), tables()
    drop(own, metadata)
    metadata.create_all(own)
    took = timed(lambda: sa.MetaData().reflect(own), 3)
    drop(own, metadata)
    return took


def rows(own: sa.Engine) -> None:
    with own.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {Pet.__tablename__}"))
    Base.metadata.create_all(own)


def insert() -> float:
    own = engine()
    rows(own)

    def one() -> None:
        with Session(own) as session, session.begin():
            session.add(Pet(name="Tom", age=3))

    one()
    return timed(one, 300)


def bulk_insert() -> float:
    own = engine()
    rows(own)

    def many() -> None:
        with Session(own) as session, session.begin():
            session.add_all(Pet(name=f"pet {n}", age=n) for n in range(1000))

    many()
    return timed(many, 7)


def select() -> float:
    own = engine()
    rows(own)
    with Session(own) as session, session.begin():
        pet = Pet(name="Tom", age=3)
        session.add(pet)
        session.flush()
        key = pet.id

    def one() -> None:
        with Session(own) as session:
            assert session.get(Pet, key)

    one()
    return timed(one, 500)


def bulk_select() -> float:
    own = engine()
    rows(own)
    with Session(own) as session, session.begin():
        session.add_all(Pet(name=f"pet {n}", age=n) for n in range(1000))

    def many() -> None:
        with Session(own) as session:
            assert len(session.scalars(sa.select(Pet)).all()) == 1000

    many()
    return timed(many, 15)


print(globals()[sys.argv[2]]())
