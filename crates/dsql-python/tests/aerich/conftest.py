"""Aerich's commands on a schema of its own, with models that change from version to version."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aurora_dsql_tortoise  # noqa: F401  (the URL schemes)
import pytest
from aerich_support import execute
from tortoise.backends.base.executor import EXECUTOR_CACHE

_numbers = itertools.count(1)


@pytest.fixture(params=["asyncpg", "psycopg"])
def driver(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def schema(dsql_url: str) -> Iterator[str]:
    name = f"aerich_{next(_numbers)}"
    execute(dsql_url, f"CREATE SCHEMA {name}")
    yield name
    execute(dsql_url, f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def versions(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Answers the name of a module with these models."""
    sys.path.insert(0, str(tmp_path))
    made: list[str] = []

    def make(body: str) -> str:
        name = f"models_{next(_numbers)}"
        (tmp_path / f"{name}.py").write_text(
            "from tortoise import fields\nfrom tortoise.models import Model\n\n" + body
        )
        importlib.invalidate_caches()
        made.append(name)
        return name

    yield make
    sys.path.remove(str(tmp_path))
    for name in made:
        sys.modules.pop(name, None)


@pytest.fixture
def connections(dsql_url: str, driver: str, schema: str) -> dict[str, Any]:
    from tortoise.backends.base.config_generator import expand_db_url

    EXECUTOR_CACHE.clear()
    expanded = expand_db_url(dsql_url.replace("dsql://", f"dsql+{driver}://"))
    expanded["credentials"]["schema"] = schema
    return {"default": expanded}
