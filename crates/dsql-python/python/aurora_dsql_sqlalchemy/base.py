"""Names of aurora-dsql-sqlalchemy that applications may import."""

from ._ddl import DSQLDDLCompiler as AuroraDSQLDDLCompiler
from ._dialect import DSQLDialect as AuroraDSQLDialect

__all__ = ["AuroraDSQLDDLCompiler", "AuroraDSQLDialect"]
