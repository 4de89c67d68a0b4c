"""Alembic on Aurora DSQL: migrations that were written for PostgreSQL, unmodified.

Nothing is to be set up: Alembic 1.18 or newer finds this module by itself; for an older one, import it in env.py.

Each statement is committed by itself, DDL as the plan that it becomes, with its jobs awaited. One runner at a time is
at work; another waits for it. What has run is entered into the table dsql_record, so that an upgrade that was
interrupted goes on where it was when it is run again.
"""

from __future__ import annotations

from typing import Any

from alembic.ddl.impl import DefaultImpl


class DSQLImpl(DefaultImpl):
    """Stands in for the one in _alembic, whose base is not there yet when Alembic looks for its plugins."""

    __dialect__ = "auroradsql"

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        from . import _alembic

        return _alembic.DSQLImpl(*args, **kwargs)


def setup(plugin: Any) -> None:
    """Called by Alembic, to which DSQLImpl is known by its dialect."""
