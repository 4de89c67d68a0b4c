"""The engine aurora_dsql_tortoise.psycopg."""

from .client import AuroraDSQLPsycopgClient

client_class = AuroraDSQLPsycopgClient

__all__ = ["AuroraDSQLPsycopgClient", "client_class"]
