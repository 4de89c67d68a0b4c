"""What Alembic finds of itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic_project import Project
from sqlalchemy.dialects import postgresql


def application(metadata: sa.MetaData) -> None:
    """Tables with one of everything that Aurora DSQL has."""
    sa.Table(
        "owner",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(100), nullable=False, unique=True),
        sa.Column("kind", sa.Enum("private", "breeder", name="owner_kind"), nullable=False),
        sa.Column("balance", sa.Numeric(10, 2), server_default="0"),
        sa.Column("data", postgresql.JSONB),
        sa.Column("note", sa.Text, comment="what was said"),
        sa.Column("added", sa.DateTime(timezone=True), server_default=sa.func.now()),
    )
    sa.Table(
        "pet",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True, server_default=sa.func.gen_random_uuid()),
        sa.Column("owner_id", sa.ForeignKey("owner.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("born", sa.Date),
        sa.Column("number", sa.BigInteger, sa.Identity()),
        sa.UniqueConstraint("owner_id", "name", name="one_of_a_name", auroradsql_nulls_not_distinct=True),
        sa.Index("ix_pet_number", "number", unique=True, auroradsql_nulls_not_distinct=True),
        sa.CheckConstraint("length(name) > 0", name="named"),
        sa.Column("chip", sa.Text),
        sa.Column("tattoo", sa.Text),
        sa.UniqueConstraint("chip", name="one_chip", auroradsql_nulls_not_distinct=True),
        sa.UniqueConstraint("tattoo", name="one_tattoo", postgresql_nulls_not_distinct=True),
        sa.Index("ix_pet_born", "born", auroradsql_include=["name"]),
        sa.Index("ix_pet_lower", sa.text("lower(name)")),
        sa.Index("ix_pet_living", "name", unique=True, postgresql_where=sa.text("born IS NOT NULL")),
    )


def differences(project: Project, **opts: Any) -> list[Any]:
    with project.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, parents: kind != "table" or not str(name).startswith("dsql_"),
                **opts,
            },
        )
        return compare_metadata(context, project.metadata)


def test_there_are_no_phantom_differences_after_create_all(project: Project) -> None:
    application(project.metadata)
    project.metadata.create_all(project.engine)
    assert differences(project) == []


def test_a_generated_migration_makes_what_was_declared(project: Project) -> None:
    application(project.metadata)
    command.revision(project.config(), autogenerate=True, rev_id="one")
    project.upgrade()
    assert differences(project, compare_server_default=False) == []


def test_tables_of_this_project_are_no_differences(project: Project) -> None:
    project.write("one", "op.create_table('pet', sa.Column('id', sa.Integer, primary_key=True))")
    project.upgrade()
    sa.Table("pet", project.metadata, sa.Column("id", sa.Integer, primary_key=True))
    with project.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, project.metadata) == []


def test_a_column_that_is_no_foreign_key_or_identity_any_more_stays_as_wide(project: Project) -> None:
    before = sa.MetaData()
    for metadata in (before, project.metadata):
        sa.Table("owner", metadata, sa.Column("id", sa.Integer, primary_key=True))
    key, identity = sa.Column("owner_id", sa.ForeignKey("owner.id")), sa.Column("number", sa.Integer, sa.Identity())
    sa.Table("pet", before, sa.Column("name", sa.Text), key, identity)
    before.create_all(project.engine)
    sa.Table(
        "pet",
        project.metadata,
        sa.Column("name", sa.Text),
        sa.Column("owner_id", sa.Integer),
        sa.Column("number", sa.Integer, nullable=False),
    )
    changed, removed = differences(project)
    assert [kind for kind, *_ in changed] == ["modify_default"]
    assert removed[0] == "remove_fk"


def test_a_real_difference_is_found(project: Project) -> None:
    application(project.metadata)
    project.metadata.create_all(project.engine)
    sa.Table("pet", project.metadata, sa.Column("weight", sa.Integer), extend_existing=True)
    found = differences(project)
    assert [(found[0][0], found[0][3].name)] == [("add_column", "weight")]
