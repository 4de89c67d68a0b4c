"""Amazon Aurora DSQL for Python's ORMs: what the adapters share.

    from dsql_orm import translate

    plan = translate("CREATE INDEX ON pet (name)")
    print(plan)  # CREATE INDEX ASYNC ON pet (name); …

The adapters are aurora_dsql_sqlalchemy and aurora_dsql_tortoise. What the service accepts, what its errors mean and
how to sign in is decided in the core, dsql_orm._core.
"""

from ._core import (
    CredentialsError,
    LocalCluster,
    Migration,
    MigrationError,
    Plan,
    PlanError,
    RetryPolicy,
    Settings,
    SettingsError,
    __version__,
    check,
    kind,
    split,
    translate,
)
from ._errors import JobFailedError, PlanRefusedError, class_of, sqlstate_of
from ._retry import Attempts, FailedAttempt
from ._types import ErrorClass, Kind

__all__ = [
    "Attempts",
    "CredentialsError",
    "ErrorClass",
    "FailedAttempt",
    "JobFailedError",
    "Kind",
    "LocalCluster",
    "Migration",
    "MigrationError",
    "Plan",
    "PlanError",
    "PlanRefusedError",
    "RetryPolicy",
    "Settings",
    "SettingsError",
    "__version__",
    "check",
    "class_of",
    "kind",
    "split",
    "sqlstate_of",
    "translate",
]
