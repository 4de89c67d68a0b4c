"""The programs of docs/sqlalchemy.md run as they are printed."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

PAGE = Path(__file__).parents[4] / "docs" / "sqlalchemy.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.strip().splitlines()[-1][:40])
def test_a_program_of_the_page_runs(
    program: str, engines: Any, dsql_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DSQL_URL", dsql_url)
    if "rename" in program or "visits" in program:
        with engines.make().begin() as connection:
            connection.execute(sa.text("CREATE TABLE pet (id bigint PRIMARY KEY, name text, visits int)"))
            connection.execute(sa.text("INSERT INTO pet VALUES (1, 'Max', 0)"))
    module = ModuleType("clinic")
    monkeypatch.setitem(sys.modules, "clinic", module)
    names: dict[str, Any] = module.__dict__
    exec(compile(program, str(PAGE), "exec"), names)
    if "test_the_clinic" in names:
        names["test_the_clinic"](dsql_url)
    if "main" in names:
        sa.util.await_only(names["main"]())
    if "rename" in names or "main" in names:
        with engines.make().connect() as connection:
            row = connection.execute(sa.text("SELECT name, visits FROM pet")).one()
            assert row == (("Rex", 0) if "rename" in names else ("Max", 1))
    if "register" in names:
        assert capsys.readouterr().out == "['Rex']\n"
