"""A pet clinic on SQLAlchemy and Aurora DSQL.

`python examples/pet-clinic/sqlalchemy` starts a local cluster inside the program; with DSQL_URL set it runs on that
cluster instead. Either way it leaves nothing behind.
"""

from __future__ import annotations

import os

from aurora_dsql_sqlalchemy import create_dsql_engine
from clinic import day
from dsql_orm import LocalCluster
from models import Base


def main() -> None:
    cluster = None
    if "DSQL_URL" not in os.environ:
        cluster = LocalCluster()
        os.environ.update(cluster.env)
        print(f"A local cluster answers at {cluster.url}")
    engine = create_dsql_engine()
    try:
        Base.metadata.drop_all(engine)
        Base.metadata.create_all(engine)
        day(engine)
        Base.metadata.drop_all(engine)
    finally:
        engine.dispose()
        if cluster:
            cluster.stop()


if __name__ == "__main__":
    main()
