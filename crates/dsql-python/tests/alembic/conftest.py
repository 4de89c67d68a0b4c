"""A folder of migrations for each test, and a schema of its own on the cluster."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic_project import Project
from aurora_dsql_sqlalchemy import create_dsql_engine


@pytest.fixture(params=["psycopg", "psycopg2"])
def driver(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def new_project(dsql_url: str, driver: str, tmp_path: Path) -> Iterator[Callable[..., Project]]:
    """Makes projects; those of one test share a schema."""
    schema = f"alembic_{uuid.uuid4().hex[:12]}"
    engines: list[sa.Engine] = []
    admin = create_dsql_engine(dsql_url, driver=driver)
    with admin.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))

    def make(name: str = "app", **options: Any) -> Project:
        search_path = f"-c search_path={schema}"
        engine = create_dsql_engine(dsql_url, driver=driver, connect_args={"options": search_path}, **options)
        engines.append(engine)
        return Project(tmp_path / name, engine, search_path)

    yield make
    for engine in engines:
        engine.dispose()
    with admin.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture
def project(new_project: Callable[..., Project]) -> Project:
    return new_project()
