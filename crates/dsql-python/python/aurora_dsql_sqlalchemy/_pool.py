"""Pools that renew their connections in time."""

from __future__ import annotations

from typing import Any

from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool


class DSQLPool(QueuePool):
    """A pool whose connections are replaced before the service ends them, after 60 minutes."""

    def __init__(
        self,
        creator: Any,
        pool_size: int = 10,
        max_overflow: int = 10,
        recycle: int = 3300,
        pre_ping: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            creator, pool_size=pool_size, max_overflow=max_overflow, recycle=recycle, pre_ping=pre_ping, **kwargs
        )


class AsyncDSQLPool(DSQLPool, AsyncAdaptedQueuePool):
    """The same for asyncio."""
