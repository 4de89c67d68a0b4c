"""A pytest plugin for the suites that SQLAlchemy and Alembic have for dialects.

requirements.py beside the suite tells what is had. run.py starts the whole.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aurora_dsql_sqlalchemy
import pytest

# Before what the service does not have; the rest is skipped by the suite itself.
EXCLUDED = "Aurora DSQL: "
# Of SQLAlchemy's tests.
MARKERS = "backend sparse_backend sparse_driver_backend mypy timing_intensive memory_intensive"


def requirements(base: type, had: str, excluded: dict[str, str], **others: Any) -> Any:
    """A class of requirements: the names of those that are had, and why others are not."""
    from sqlalchemy.testing import exclusions

    members = {name: property(lambda self: exclusions.open()) for name in had.split()}
    for name, reason in excluded.items():
        members[name] = property(lambda self, reason=reason: exclusions.closed(EXCLUDED + reason))
    return type("Requirements", (base,), {**members, **others})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--outcomes", required=True, help="the file that gets the outcome of each test, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Outcomes(config.rootpath.name, Path(config.getoption("--outcomes"))), "outcomes")
    for marker in MARKERS.split():
        config.addinivalue_line("markers", marker)
    if hasattr(aurora_dsql_sqlalchemy, "DSQLWarning"):
        # The suites take each warning for an error; these tell what is had in another form only.
        config.addinivalue_line("filterwarnings", "ignore::aurora_dsql_sqlalchemy.DSQLWarning")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    provision()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Excludes what no requirement stands for: tests, by Class.test or Class.test[parameters]."""
    collected = [item for item in items if item.getparent(pytest.Class)]
    yield
    kept = {name_of(item) for item in items}
    for item in collected:
        # The suite drops classes whose requirements are not met, and says nothing.
        if name_of(item) not in kept and (reason := unmet(item)):
            config.pluginmanager.get_plugin("outcomes").skipped(item.nodeid, reason)
    excluded = excluded_tests()
    for item in items:
        name, test = name_of(item), item.name.partition("[")[0]
        reason = excluded.get(f"{name}.{item.name}") or excluded.get(f"{name}.{test}") or excluded.get(name)
        if reason:
            item.add_marker(pytest.mark.skip(EXCLUDED + reason))


def name_of(item: pytest.Item) -> str:
    """The class of a test, by the name that it has in the suite."""
    cls: Any = item.getparent(pytest.Class).cls
    return getattr(cls, "_sa_orig_cls_name", cls.__name__)


def unmet(item: pytest.Item) -> str:
    """What is said of a requirement that a class of tests has."""
    from sqlalchemy.testing import asyncio, config

    def reasons() -> list[str]:
        required = [getattr(config.requirements, name) for name in getattr(item.cls, "__requires__", ())]
        return [reason for one in required for reason in one.matching_config_reasons(config._current)]

    return "; ".join(asyncio._maybe_async_provisioning(reasons))


def excluded_tests() -> dict[str, str]:
    import requirements
    from sqlalchemy.testing import config

    of_driver = requirements.EXCLUDED_TESTS_OF_DRIVER.get(config.db.dialect.driver, {})
    return {**requirements.EXCLUDED_TESTS, **of_driver}


class Outcomes:
    """Of each test the worst of its phases."""

    def __init__(self, suite: str, path: Path) -> None:
        self._suite = suite
        self._path = path
        self._outcomes: dict[str, tuple[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        before, _ = self._outcomes.get(report.nodeid, ("passed", ""))
        if before != "passed" or (report.passed and report.when != "call"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        self._outcomes[report.nodeid] = (report.outcome, reason)

    def skipped(self, test: str, reason: str) -> None:
        self._outcomes[test] = ("skipped", reason)

    def pytest_sessionfinish(self) -> None:
        versions = {name: importlib.metadata.version(name) for name in ("sqlalchemy", self._suite)}
        self._path.write_text(json.dumps({"versions": versions, "tests": self._outcomes}))


def provision() -> None:
    """What the suites ask of a database, where there is one only."""
    from sqlalchemy import text
    from sqlalchemy.dialects import registry
    from sqlalchemy.dialects.postgresql import provision as _postgresql  # noqa: F401
    from sqlalchemy.testing import provision as hooks

    # Applications say psycopg, and create_async_engine() finds it.
    registry.register("auroradsql.psycopg_async", "aurora_dsql_sqlalchemy.psycopg", "DSQLDialectAsync_psycopg")
    for hook in (hooks.set_default_schema_on_connection, hooks.upsert):
        hook.for_db("auroradsql")(hook.fns["postgresql"])

    @hooks.post_configure_engine.for_db("auroradsql")
    def make_schemas(url: Any, engine: Any, follower_ident: Any) -> None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for schema in ("test_schema", "test_schema_2"):
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
