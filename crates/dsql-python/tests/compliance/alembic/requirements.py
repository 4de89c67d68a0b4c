"""What Aurora DSQL has of what Alembic's suite asks for."""

from alembic.testing.requirements import SuiteRequirements
from dsql_compliance import requirements

# PostgreSQL has these, and the service has them too.
HAD = """
    autocommit_isolation autoincrement_on_composite_pk computed_columns fk_deferrable fk_deferrable_is_reflected
    fk_initially fk_ondelete_is_reflected fk_onupdate_is_reflected identity_columns identity_columns_alter
    reflects_fk_options reflects_pk_names
"""

EXCLUDED: dict[str, str] = {}

# What no requirement stands for.
BIGINT_ALREADY = "a key that is generated is bigint from the start, 0A000 `identity column type must be bigint`"
ONE_DDL = "transactional_ddl is always off, 0A000 `multiple ddl statements not supported in a transaction`"
EXCLUDED_TESTS = {
    "AutoincrementTest.test_alter_column_autoincrement_compositepk_explicit_true": BIGINT_ALREADY,
    "AutoincrementTest.test_alter_column_autoincrement_pk_explicit_true": BIGINT_ALREADY,
    "AutoincrementTest.test_alter_column_autoincrement_pk_implicit_true": BIGINT_ALREADY,
    "BackendAlterColumnTest.test_modify_nullable_to_non": (
        "the plan adds a CHECK, 0A000 `unsupported ALTER TABLE ALTER COLUMN ... SET NOT NULL statement`"
    ),
    "MigrationTransactionTest.test_autocommit_block_transactional_ddl_sqlmode": ONE_DDL,
    "MigrationTransactionTest.test_transaction_per_all_transactional_ddl": ONE_DDL,
}
EXCLUDED_TESTS_OF_DRIVER: dict[str, dict[str, str]] = {}

Requirements = requirements(SuiteRequirements, HAD, EXCLUDED)
