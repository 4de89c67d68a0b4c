"""The drivers, which are installed or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import exc


def imported(import_dbapi: Callable[[], Any], driver: str) -> Any:
    """The driver, or how to get it."""
    try:
        return import_dbapi()
    except ModuleNotFoundError as error:
        if error.name != driver:
            raise
        raise exc.NoSuchModuleError(
            f'the driver {driver} is not installed: pip install "dsql-orm[sqlalchemy,{driver}]"'
        ) from error
