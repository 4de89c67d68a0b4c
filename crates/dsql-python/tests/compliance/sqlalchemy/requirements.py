"""What Aurora DSQL has of what SQLAlchemy's suite asks for."""

from collections.abc import Callable
from typing import Any

import sqlalchemy
from dsql_compliance import requirements
from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements

# PostgreSQL has these, and so has the service, or the dialect a plan for them (CREATE TABLE AS, DESC in an index).
HAD = """
    aggregate_order_by autocommit boolean_col_expressions check_constraint_reflection comment_reflection
    comment_reflection_full_unicode computed_columns computed_columns_default_persisted
    computed_columns_reflect_persisted computed_columns_stored constraint_comment_reflection create_or_replace_view
    create_table_as cross_schema_fk_reflection ctes ctes_on_dml ctes_with_update_delete ctes_with_values
    date_historic datetime_historic datetime_interval datetime_literals datetime_timezone datetime_timezone_historic
    default_schema_name_switch deferrable_fks delete_from except_ expression_server_defaults fetch_expression
    fetch_first fetch_no_order_by fetch_offset_with_options fetch_ties
    fk_constraint_option_reflection_ondelete_noaction fk_constraint_option_reflection_ondelete_restrict
    fk_constraint_option_reflection_onupdate_restrict float_or_double_precision_behaves_generically
    foreign_key_constraint_name_reflection foreign_key_constraint_option_reflection_ondelete
    foreign_key_constraint_option_reflection_onupdate identity_columns identity_columns_standard
    implicit_default_schema index_ddl_if_exists index_reflects_included_columns indexes_check_column_order
    indexes_with_expressions infinity_floats inline_check_constraint_reflection intersect isolation_level json_type
    legacy_unconditional_json_extract mod_operator_as_percent_sign nullsordering percent_schema_names
    precision_numerics_enotation_small precision_numerics_many_significant_digits
    precision_numerics_retains_significant_digits reflect_indexes_with_expressions reflect_tables_no_columns
    reflects_pk_names regexp_match regexp_replace repeated_column_foreign_keys schema_create_delete server_defaults
    skip_autocommit_rollback supports_bitwise_and supports_bitwise_not supports_bitwise_or supports_bitwise_shift
    supports_bitwise_xor supports_distinct_on table_ddl_if_exists table_value_constructor time_timezone
    timestamp_microseconds tuple_in unicode_ddl unique_constraints_reflect_as_index update_from uuid_data_type views
    window_functions window_range window_range_non_numeric window_range_numeric
"""

SORT_ORDER = "0A000 `specifying sort order not supported for index keys`"
TEMPORARY = "0A000 `TEMPORARY or TEMP table not supported for CREATE TABLE`"

EXCLUDED = {
    "array_type": "no columns of arrays, 0A000 `datatype integer[] not supported`",
    "column_collation_reflection": "no collation but C, 0A000 `COLLATE clause not supported`",
    "computed_columns_virtual": "PostgreSQL 16 has stored ones only",
    "create_temp_table_as": TEMPORARY,
    "reflect_indexes_with_ascdesc": SORT_ORDER,
    "materialized_views": "0A000 `unsupported statement: CreateTableAs`",
    "savepoints": "0A000 `unsupported transaction statement: SAVEPOINT`",
    "temp_table_comment_reflection": TEMPORARY,
    "temp_table_names": TEMPORARY,
    "temp_table_reflection": TEMPORARY,
    "temporary_tables": TEMPORARY,
    "has_temp_table": TEMPORARY,
    "temporary_views": "no temporary views",
    "two_phase_transactions": "no PREPARE TRANSACTION",
}

# What no requirement stands for.
EXCLUDED_TESTS = {
    "IdentityReflectionTest": "its columns have CACHE 4, 22023 `CACHE (4) must be … 65536 or equal to 1`",
    "IsolationLevelTest.test_dialect_user_setting_is_restored": (
        "it needs two levels, 0A000 `Unsupported isolation level: SERIALIZABLE`"
    ),
    "TableViaSelectTest.test_view_dependencies_with_metadata": (
        "it drops views after an INSERT, 0A000 `ddl and dml are not supported in the same transaction`"
    ),
}
NO_CURSORS = "rows come at once, 0A000 `unsupported statement: DeclareCursor`"
CURSORS = {
    f"ServerSideCursorsTest.{test}": NO_CURSORS
    for test in (
        "test_conn_option",
        "test_ss_cursor_status[for_update_expr]",
        "test_ss_cursor_status[for_update_string]",
        "test_ss_cursor_status[global_expr]",
        "test_ss_cursor_status[global_string]",
        "test_ss_cursor_status[global_text]",
        "test_ss_cursor_status[stmt_option]",
        "test_ss_cursor_status[text_ss_option]",
    )
}
EXCLUDED_TESTS_OF_DRIVER = {"psycopg": CURSORS, "psycopg2": CURSORS}

IS_2_0 = sqlalchemy.__version__.startswith("2.0.")


def only_if(predicate: Callable[[Any], bool], reason: str) -> property:
    return property(lambda self: exclusions.only_if(predicate, reason))


Requirements = requirements(
    SuiteRequirements,
    HAD,
    EXCLUDED,
    async_dialect=only_if(lambda config: config.db.dialect.is_async, "a driver of asyncio"),
    json_deserializer_binary=only_if(lambda config: IS_2_0 and config.db.driver == "psycopg", "bytes of psycopg"),
    reflect_table_options=only_if(lambda config: not IS_2_0, "SQLAlchemy 2.1"),
    get_order_by_collation=lambda self, config: "C",
)
