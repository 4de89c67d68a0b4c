"""Waiting for what the service does in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Engine, text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from ._dialect import DSQLDialect


RUNNING = """
SELECT job_id FROM sys.jobs WHERE status IN ('submitted', 'processing') AND job_type NOT IN ('ANALYZE', 'DROP')
"""


def wait_for_indexes(engine: Engine) -> None:
    """Waits for the jobs that this engine has begun without waiting (wait_for_indexes=False), and for those that run.

    Index builds and validations of constraints are such jobs. One that has failed is a dsql_orm.JobFailedError.
    """
    dialect = cast("DSQLDialect", engine.dialect)
    begun, dialect.jobs = dialect.jobs, {}
    with engine.connect() as connection:
        others = dict.fromkeys(connection.scalars(text(RUNNING)), "begun elsewhere")
        dialect.wait_for_jobs(connection.connection, {**others, **begun})


async def wait_for_indexes_async(engine: AsyncEngine) -> None:
    """The same with asyncio."""
    from sqlalchemy.util import greenlet_spawn

    await greenlet_spawn(cast("Any", wait_for_indexes), engine.sync_engine)
