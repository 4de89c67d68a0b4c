"""Amazon Aurora DSQL for Tortoise ORM.

    await Tortoise.init(
        config={
            "connections": {
                "default": {
                    "engine": "aurora_dsql_tortoise.asyncpg",  # or aurora_dsql_tortoise.psycopg
                    "credentials": {"host": "<cluster id>.dsql.<region>.on.aws"},
                }
            },
            "apps": {"models": {"models": ["app.models"], "default_connection": "default"}},
        }
    )

The URL schemes dsql+asyncpg:// and dsql+psycopg:// are known once this package is imported. See docs/tortoise.md.
"""

from dsql_orm import RetryPolicy, __version__

from ._bulk import bulk_create
from ._errors import DsqlAmbiguousCommitError, DsqlConflictError
from ._retry import retry_on_conflict, run_in_transaction
from ._urls import register_asyncpg, register_backends, register_psycopg

__all__ = [
    "DsqlAmbiguousCommitError",
    "DsqlConflictError",
    "RetryPolicy",
    "__version__",
    "bulk_create",
    "register_asyncpg",
    "register_backends",
    "register_psycopg",
    "retry_on_conflict",
    "run_in_transaction",
]

register_backends()
