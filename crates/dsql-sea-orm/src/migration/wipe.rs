//! Dropping what is in the current schema.

use sea_orm::{DbBackend, DbErr, Statement};

use crate::Dsql;
use crate::error::query_err;

/// In the order in which they are dropped: what rests on others first. What a
/// table or a column owns goes with it. The tables in `$1` stay.
const OBJECTS: &str = "\
    SELECT 'DROP ' || kind || ' IF EXISTS ' || quote_ident(name) || ' CASCADE' \
    FROM ( \
        SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, \
               CASE relkind WHEN 'v' THEN 1 WHEN 'S' THEN 3 ELSE 2 END AS place, relname::text AS name \
        FROM pg_catalog.pg_class c \
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('v', 'r', 'S') \
          AND relname <> ALL (string_to_array($1, ',')) \
          AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d \
                          WHERE d.objid = c.oid AND relkind = 'S' AND d.deptype IN ('a', 'i')) \
        UNION ALL \
        SELECT 'DOMAIN', 4, typname::text FROM pg_catalog.pg_type \
        WHERE typnamespace = current_schema()::regnamespace AND typtype = 'd' \
    ) AS objects \
    ORDER BY place, name";

pub(super) async fn wipe(db: &Dsql) -> Result<(), DbErr> {
    // The runner's own tables: it is at work.
    let own = dsql_sqlx::OWN_TABLES.join(",");
    let objects = Statement::from_sql_and_values(DbBackend::Postgres, OBJECTS, [own.into()]);
    for row in db.rows(&objects).await? {
        use dsql_sqlx::sqlx::Row as _;

        let drop: String = row.try_get(0).map_err(query_err)?;
        tracing::info!("{drop}");
        db.execute_ddl(&drop).await?;
    }
    Ok(())
}
