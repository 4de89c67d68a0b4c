"""Aurora DSQL for SQLAlchemy.

    from aurora_dsql_sqlalchemy import create_dsql_engine

    engine = create_dsql_engine(host="<cluster endpoint>", user="admin")

docs/sqlalchemy.md tells the rest.
"""

from dsql_orm import RetryPolicy

from ._engine import create_async_dsql_engine, create_dsql_engine
from ._jobs import wait_for_indexes, wait_for_indexes_async
from ._plans import DSQLWarning
from ._retry import retry_on_conflict, run_in_transaction, run_in_transaction_async
from ._transactions import TransactionDoomedError, UncommittedWritesError

__all__ = [
    "DSQLWarning",
    "RetryPolicy",
    "TransactionDoomedError",
    "UncommittedWritesError",
    "create_async_dsql_engine",
    "create_dsql_engine",
    "retry_on_conflict",
    "run_in_transaction",
    "run_in_transaction_async",
    "wait_for_indexes",
    "wait_for_indexes_async",
]
