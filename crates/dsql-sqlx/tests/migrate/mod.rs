//! Migrations of SQLx, written for PostgreSQL.

use dsql_sqlx::sqlx::migrate::{Migration, MigrationType, Migrator};
use dsql_sqlx::sqlx::{AssertSqlSafe, SqlSafeStr as _};
use dsql_sqlx::{DsqlPool, Error, MigrationState};

use crate::run_until::run_until;
use crate::{config, number, run, unique};

const CAKE: &str = "\
    CREATE TYPE taste AS ENUM ('sweet', 'sour');
    CREATE TABLE cake (id serial PRIMARY KEY, name varchar(40) NOT NULL, taste taste);
    INSERT INTO cake (name, taste) VALUES ('Sponge', 'sweet'), ('Lemon', 'sour');
    CREATE UNIQUE INDEX cake_name ON cake (name);";
const FRUIT: &str = "\
    CREATE TABLE fruit (id bigint PRIMARY KEY, cake_id bigint REFERENCES cake (id));
    ALTER TABLE cake ADD COLUMN price integer NOT NULL DEFAULT 3;
    UPDATE cake SET price = price + 1;";

fn migrator(migrations: &[(i64, MigrationType, &str)]) -> Migrator {
    let migrations = migrations.iter().map(|(version, kind, sql)| {
        let sql = AssertSqlSafe((*sql).to_owned()).into_sql_str();
        Migration::new(
            *version,
            format!("number {version}").into(),
            *kind,
            sql,
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

fn bakery() -> Migrator {
    migrator(&[
        (1, MigrationType::ReversibleUp, CAKE),
        (
            1,
            MigrationType::ReversibleDown,
            "DROP TABLE cake; DROP TYPE taste;",
        ),
        (2, MigrationType::ReversibleUp, FRUIT),
        (
            2,
            MigrationType::ReversibleDown,
            "DROP TABLE fruit; ALTER TABLE cake DROP COLUMN price",
        ),
    ])
}

/// Runs a test in a schema of its own.
async fn in_schema(test: impl AsyncFnOnce(&DsqlPool)) {
    let schema = unique("migrations");
    let mut config = config();
    config.options(format!("-c search_path={schema}"));
    let pool = DsqlPool::connect_with(config).await.unwrap();
    run(&pool, format!("CREATE SCHEMA {schema}")).await;
    test(&pool).await;
    run(&pool, format!("DROP SCHEMA {schema} CASCADE")).await;
}

async fn states(pool: &DsqlPool, migrator: &Migrator) -> Vec<MigrationState> {
    let status = pool.migrations(migrator).status().await.unwrap();
    status.iter().map(|one| one.state).collect()
}

async fn versions(pool: &DsqlPool, migrator: &Migrator, target: Option<i64>) -> Vec<i64> {
    let done = pool.migrations(migrator).run(target, |_| {}).await.unwrap();
    done.iter().map(|one| one.version).collect()
}

#[tokio::test]
async fn migrations_are_run_once_and_taken_back() {
    use MigrationState::{Applied, Pending};
    in_schema(async |pool| {
        let bakery = bakery();
        assert_eq!(states(pool, &bakery).await, [Pending, Pending]);
        assert_eq!(versions(pool, &bakery, Some(1)).await, [1]);
        assert_eq!(states(pool, &bakery).await, [Applied, Pending]);
        assert_eq!(versions(pool, &bakery, None).await, [2]);
        assert!(versions(pool, &bakery, None).await.is_empty());
        assert_eq!(number(pool, "SELECT sum(price) FROM cake").await, 8);

        let back = pool.migrations(&bakery).revert(None, |_| {}).await.unwrap();
        assert_eq!(back.iter().map(|one| one.version).collect::<Vec<_>>(), [2]);
        assert_eq!(states(pool, &bakery).await, [Applied, Pending]);
        let back = pool
            .migrations(&bakery)
            .revert(Some(0), |_| {})
            .await
            .unwrap();
        assert_eq!(back.len(), 1);
        assert_eq!(states(pool, &bakery).await, [Pending, Pending]);
        assert_eq!(versions(pool, &bakery, None).await, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn sqlx_itself_sees_what_was_applied() {
    in_schema(async |pool| {
        let mut bakery = bakery();
        versions(pool, &bakery, None).await;
        let took = "SELECT count(*) FROM _sqlx_migrations WHERE success AND execution_time > 0";
        assert_eq!(number(pool, took).await, 2);
        // Its lock is an advisory one, which the service does not have.
        bakery.set_locking(false);
        bakery.run(pool.pg_pool()).await.unwrap();
        let changed = migrator(&[
            (1, MigrationType::Simple, CAKE),
            (2, MigrationType::Simple, "SELECT 1"),
        ]);
        let mut changed = changed;
        changed.set_locking(false);
        let refused = changed.run(pool.pg_pool()).await.unwrap_err();
        assert!(
            refused.to_string().contains("2 was previously applied"),
            "{refused}"
        );
    })
    .await;
}

#[tokio::test]
async fn migrations_that_were_changed_or_are_missing_stop_the_run() {
    use MigrationState::{Applied, Changed, Missing};
    in_schema(async |pool| {
        versions(pool, &bakery(), None).await;
        let changed = migrator(&[
            (1, MigrationType::Simple, CAKE),
            (2, MigrationType::Simple, "SELECT 1"),
        ]);
        assert_eq!(states(pool, &changed).await, [Applied, Changed]);
        let refused = pool
            .migrations(&changed)
            .run(None, |_| {})
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("has been modified"),
            "{refused}"
        );
        let mut missing = migrator(&[(1, MigrationType::Simple, CAKE)]);
        assert_eq!(states(pool, &missing).await, [Applied, Missing]);
        let refused = pool
            .migrations(&missing)
            .run(None, |_| {})
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("is missing"), "{refused}");
        missing.set_ignore_missing(true);
        assert!(versions(pool, &missing, None).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn when_one_cannot_be_had_none_is_run() {
    in_schema(async |pool| {
        let migrator = migrator(&[
            (1, MigrationType::Simple, CAKE),
            (
                2,
                MigrationType::Simple,
                "CREATE TRIGGER t BEFORE INSERT ON cake EXECUTE FUNCTION f()",
            ),
        ]);
        let refused = pool
            .migrations(&migrator)
            .run(None, |_| {})
            .await
            .unwrap_err();
        let text = refused.to_string();
        assert!(text.contains("migration 2 (number 2)"), "{text}");
        assert!(text.contains("triggers"), "{text}");
        assert_eq!(states(pool, &migrator).await, [MigrationState::Pending; 2]);
    })
    .await;
}

#[tokio::test]
async fn a_migration_that_failed_goes_on_once_it_is_corrected() {
    in_schema(async |pool| {
        let of = |last: &str| migrator(&[(1, MigrationType::Simple, &format!("{CAKE}\n{last}"))]);
        let wrong = of("UPDATE cake SET nmae = 'Plum' WHERE taste = 'sour'");
        let failed = pool.migrations(&wrong).run(None, |_| {}).await.unwrap_err();
        assert!(
            matches!(failed, Error::Migration { version: 1, .. }),
            "{failed}"
        );
        assert_eq!(states(pool, &wrong).await, [MigrationState::Unfinished]);
        let right = of("UPDATE cake SET name = 'Plum' WHERE taste = 'sour'");
        assert_eq!(versions(pool, &right, None).await, [1]);
        assert_eq!(
            number(pool, "SELECT count(*) FROM cake WHERE name = 'Plum'").await,
            1
        );
        assert_eq!(number(pool, "SELECT count(*) FROM cake").await, 2);
    })
    .await;
}

#[tokio::test]
async fn migrations_killed_anywhere_go_on_where_they_were() {
    let (mut at, mut done) = (0, false);
    while !done {
        in_schema(async |pool| {
            let bakery = bakery();
            done = run_until(pool.migrations(&bakery).run(None, |_| {}), at).await;
            versions(pool, &bakery, None).await;
            assert_eq!(states(pool, &bakery).await, [MigrationState::Applied; 2]);
            let right = "SELECT count(*) FROM cake WHERE price = 4";
            assert_eq!(number(pool, right).await, 2, "killed at {at}");
            let left = "SELECT count(*) FROM dsql_journal";
            assert_eq!(number(pool, left).await, 0, "killed at {at}");
        })
        .await;
        // Each place in the end, as the seeds of the runs differ.
        at += fastrand::usize(10..40);
    }
    assert!(at > 50, "it was killed at a few places only");
}

#[tokio::test]
async fn of_two_runs_at_once_one_waits_and_finds_all_done() {
    in_schema(async |pool| {
        let bakery = bakery();
        let (one, other) = tokio::join!(
            pool.migrations(&bakery).run(None, |_| {}),
            pool.migrations(&bakery).run(None, |_| {}),
        );
        assert_eq!(one.unwrap().len() + other.unwrap().len(), 2);
    })
    .await;
}
