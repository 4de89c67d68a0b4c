//! Diesel, over libpq.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::Integer;
use dsql_clients::CONFLICT;
use uuid::Uuid;

diesel::table! {
    diesel_visit (id) {
        id -> Uuid,
        pet -> Text,
        weight -> Nullable<Double>,
        vaccinated -> Bool,
        picture -> Binary,
        at -> Timestamptz,
        notes -> Jsonb,
        count -> Int8,
    }
}

const CREATE: &str = "(id uuid PRIMARY KEY, pet text NOT NULL, weight double precision, vaccinated boolean NOT NULL, \
     picture bytea NOT NULL, at timestamptz NOT NULL, notes jsonb NOT NULL, count bigint NOT NULL)";

#[derive(Clone, Debug, Insertable, PartialEq, Queryable, Selectable)]
#[diesel(table_name = diesel_visit)]
struct Visit {
    id: Uuid,
    pet: String,
    weight: Option<f64>,
    vaccinated: bool,
    picture: Vec<u8>,
    at: DateTime<Utc>,
    notes: serde_json::Value,
    count: i64,
}

fn visit(pet: &str) -> Visit {
    Visit {
        id: Uuid::new_v4(),
        pet: pet.to_owned(),
        weight: None,
        vaccinated: true,
        picture: vec![0, 1, 255],
        at: "2026-02-28T12:30:00.123456Z".parse().unwrap(),
        notes: serde_json::json!({"chip": null, "weights": [3.5, 4]}),
        count: i64::MIN,
    }
}

/// libpq finds the cluster in the environment.
fn connect() -> PgConnection {
    PgConnection::establish("").unwrap()
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Integer)]
    n: i32,
}

fn number(connection: &mut PgConnection, sql: &str) -> QueryResult<i32> {
    let row: Number = diesel::sql_query(sql).get_result(connection)?;
    Ok(row.n)
}

#[test]
fn rows_go_in_and_out_by_the_query_builder_and_by_copy() {
    let mut connection = connect();
    connection
        .batch_execute(&format!("CREATE TABLE diesel_visit {CREATE}"))
        .unwrap();
    let given: Vec<Visit> = (0..50).map(|n| visit(&format!("naïve '{n}'"))).collect();
    let inserted: Vec<Visit> = diesel::insert_into(diesel_visit::table)
        .values(&given)
        .returning(Visit::as_returning())
        .get_results(&mut connection)
        .unwrap();
    assert_eq!(inserted, given);
    for one in &given {
        // The same statement each time: prepared once, and kept.
        let found: Visit = diesel_visit::table
            .find(one.id)
            .select(Visit::as_select())
            .first(&mut connection)
            .unwrap();
        assert_eq!(found, *one);
    }
    let updated = diesel::update(diesel_visit::table)
        .set(diesel_visit::weight.eq(Some(4.5)))
        .execute(&mut connection);
    assert_eq!(updated.unwrap(), 50);
    let copied = diesel::copy_from(diesel_visit::table)
        .from_raw_data(
            (
                diesel_visit::id,
                diesel_visit::pet,
                diesel_visit::vaccinated,
                diesel_visit::picture,
                diesel_visit::at,
                diesel_visit::notes,
                diesel_visit::count,
            ),
            |out| {
                writeln!(out, "{}\tBella\tt\t\\\\x00\tnow\t{{}}\t1", Uuid::new_v4()).unwrap();
                QueryResult::Ok(())
            },
        )
        .execute(&mut connection);
    assert_eq!(copied.unwrap(), 1);
    let all = diesel_visit::table
        .count()
        .get_result::<i64>(&mut connection);
    assert_eq!(all.unwrap(), 51);
}

#[test]
fn a_conflict_is_told_at_commit_and_gone_when_the_transaction_runs_again() {
    let mut connection = connect();
    connection
        .batch_execute("CREATE TABLE diesel_conflict (id uuid PRIMARY KEY, n int)")
        .unwrap();
    connection
        .batch_execute("INSERT INTO diesel_conflict VALUES (gen_random_uuid(), 0)")
        .unwrap();
    let mut loser = connect();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let outcome = loser.transaction(|loser| {
            loser.batch_execute("UPDATE diesel_conflict SET n = n + 1")?;
            if attempts == 1 {
                connection.batch_execute("UPDATE diesel_conflict SET n = n + 10")?;
            }
            Ok(())
        });
        match outcome {
            Ok(()) => break,
            Err(Error::DatabaseError(kind, told)) => {
                assert!(
                    matches!(kind, DatabaseErrorKind::SerializationFailure),
                    "{kind:?}"
                );
                assert_eq!(told.message(), CONFLICT);
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(attempts, 2);
    assert_eq!(
        number(&mut connection, "SELECT n FROM diesel_conflict").unwrap(),
        11
    );
}

#[test]
fn an_error_rolls_its_transaction_back_and_a_nested_one_is_refused() {
    let mut connection = connect();
    let failed = connection.transaction::<i32, Error, _>(|connection| {
        number(connection, "SELECT 1 / 0 AS n").unwrap_err();
        number(connection, "SELECT 1 AS n")
    });
    assert!(
        failed
            .unwrap_err()
            .to_string()
            .contains("current transaction is aborted")
    );
    let nested =
        connection.transaction::<(), Error, _>(|connection| connection.transaction(|_| Ok(())));
    let message = nested.unwrap_err().to_string();
    assert!(
        message.contains("unsupported transaction statement: SAVEPOINT"),
        "{message}"
    );
    assert_eq!(number(&mut connection, "SELECT 1 AS n").unwrap(), 1);
}
