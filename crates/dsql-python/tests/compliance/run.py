"""Runs the suites that SQLAlchemy and Alembic have for dialects, each on a local cluster of its own.

    python tests/compliance/run.py --driver psycopg --suite sqlalchemy

Fails where less than 97 % passes of what is not excluded. Reasons of exclusions are in requirements.py of each suite.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dsql_orm import LocalCluster

FOLDER = Path(__file__).resolve().parent
SUITES = ("sqlalchemy", "alembic")
DRIVERS = ("psycopg", "psycopg_async", "psycopg2", "asyncpg")
PASSING = 97.0
# Before the reason where Aurora DSQL cannot pass a test, as dsql_compliance.py has it.
EXCLUDED = "Aurora DSQL: "


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", action="append", choices=SUITES, help="default: both")
    parser.add_argument("--driver", action="append", choices=DRIVERS, help="default: all")
    parser.add_argument("--python", default=sys.executable, help="of the environment with the dialect; default: this")
    parser.add_argument("-k", dest="only", help="tests to run, as pytest has it")
    options = parser.parse_args()
    runs: list[Run] = []
    for suite in options.suite or SUITES:
        for driver in options.driver or DRIVERS:
            runs.append(run(suite, driver, options))
            report(runs[-1])
    print(f"{'suite':<12}{'version':<9}{'SQLAlchemy':<12}{'driver':<15}", end="")
    print(f"{'passed':>8}{'failed':>8}{'excluded':>10}{'skipped':>9}{'passing':>10}{'seconds':>9}")
    for suite_run in runs:
        print(suite_run)
    return 0 if all(suite_run.percentage >= PASSING for suite_run in runs) else 1


@dataclass
class Run:
    suite: str
    versions: dict[str, str]
    driver: str
    seconds: float
    passed: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    excluded: Counter[str] = field(default_factory=Counter)
    # PostgreSQL has not got it either, or the driver or the version of the suite has not.
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def percentage(self) -> float:
        """Of those that were run."""
        count = self.passed + len(self.failed)
        return 100 * self.passed / count if count else 0.0

    def __str__(self) -> str:
        return (
            f"{self.suite:<12}{self.versions[self.suite]:<9}{self.versions['sqlalchemy']:<12}{self.driver:<15}"
            f"{self.passed:>8}{len(self.failed):>8}{self.excluded.total():>10}{self.skipped.total():>9}"
            f"{self.percentage:>8.1f} %{self.seconds:>9.0f}"
        )


def run(suite: str, driver: str, options: argparse.Namespace) -> Run:
    """One suite with one driver, in a process of its own."""
    cluster = LocalCluster(schema_conflicts=False)
    try:
        with tempfile.TemporaryDirectory() as work:
            outcomes = Path(work, "outcomes.json")
            begun = time.monotonic()
            process = subprocess.run(
                [options.python, "-m", "pytest", *arguments(suite, driver, cluster, outcomes, options)],
                cwd=work,
                env={
                    **os.environ,
                    **cluster.env,
                    "PYTHONPATH": os.pathsep.join([str(FOLDER), str(FOLDER / suite), os.environ.get("PYTHONPATH", "")]),
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            seconds = time.monotonic() - begun
            # 0: all has passed; 1: not all.
            if process.returncode not in (0, 1) or not outcomes.exists():
                sys.exit(f"{suite} with {driver} has not run:\n{process.stdout}")
            return counted(suite, driver, seconds, json.loads(outcomes.read_text()))
    finally:
        cluster.stop()


def arguments(suite: str, driver: str, cluster: LocalCluster, outcomes: Path, options: argparse.Namespace) -> list[str]:
    arguments = ["--quiet", "--no-header", "--tb=short", "--show-capture=no", "-p", "no:cacheprovider"]
    arguments += ["-p", "no:dsql_orm", "-p", "sqlalchemy.testing.plugin.pytestplugin", "-p", "dsql_compliance"]
    arguments += ["--dburi", f"auroradsql+{driver}://admin@localhost:{cluster.port}/postgres"]
    arguments += ["--rootdir", str(FOLDER / suite), "--outcomes", str(outcomes), str(FOLDER / suite / "suite.py")]
    return [*arguments, "-k", options.only] if options.only else arguments


def counted(suite: str, driver: str, seconds: float, outcomes: dict) -> Run:
    suite_run = Run(suite, outcomes["versions"], driver, seconds)
    for test, (outcome, reason) in outcomes["tests"].items():
        if outcome == "passed":
            suite_run.passed += 1
        elif outcome == "failed":
            suite_run.failed[test] = reason
        elif EXCLUDED in reason:
            suite_run.excluded[reason.partition(EXCLUDED)[2]] += 1
        else:
            suite_run.skipped[reason.rpartition(" : ")[2].removeprefix("Skipped: ")] += 1
    return suite_run


def report(suite_run: Run) -> None:
    """What did not pass, and why."""
    print(f"{suite_run.suite} {suite_run.versions[suite_run.suite]} {suite_run.driver}")
    for reason, count in sorted(suite_run.excluded.items()):
        print(f"  excluded {count:>3}  {reason}")
    for reason, count in sorted(suite_run.skipped.items()):
        print(f"  skipped  {count:>3}  {reason}")
    for test, reason in sorted(suite_run.failed.items()):
        causes = re.findall(r"^E +([\w.]+: .*)", reason, re.MULTILINE) or [reason[-200:]]
        print(f"  failed {test.partition('::')[2]}: {causes[-1]}"[:300])
    print(flush=True)


if __name__ == "__main__":
    sys.exit(main())
