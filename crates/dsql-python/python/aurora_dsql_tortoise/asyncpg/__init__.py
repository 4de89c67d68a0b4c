"""The engine aurora_dsql_tortoise.asyncpg."""

from .client import AuroraDSQLAsyncpgClient

client_class = AuroraDSQLAsyncpgClient

__all__ = ["AuroraDSQLAsyncpgClient", "client_class"]
