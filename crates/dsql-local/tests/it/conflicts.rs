//! Optimistic concurrency: nobody waits, the first to commit wins, the other fails at COMMIT.

use tokio_postgres::{Client, Row};

use super::support::{Ask, Fixture, conflict, refusal};

/// Two sessions and a table `account` of two rows.
async fn two_sessions() -> (Fixture, Client, Client) {
    let fixture = Fixture::start().await;
    let one = fixture.client().await;
    let two = fixture.client().await;
    one.rows("CREATE TABLE account (id int PRIMARY KEY, balance int, holder text UNIQUE)")
        .await;
    one.rows("INSERT INTO account VALUES (1, 100, 'ann'), (2, 100, 'bob')")
        .await;
    (fixture, one, two)
}

const BALANCE: &str = "SELECT balance FROM account WHERE id = 1";

#[tokio::test]
async fn two_writers_of_a_row_do_not_wait_and_the_first_to_commit_wins() {
    let (_fixture, one, two) = two_sessions().await;
    for (first, second) in [(&one, &two), (&two, &one)] {
        one.rows("BEGIN").await;
        two.rows("BEGIN").await;
        one.rows("UPDATE account SET balance = balance + 1 WHERE id = 1")
            .await;
        two.rows("UPDATE account SET balance = balance + 10 WHERE id = 1")
            .await;
        first.rows("COMMIT").await;
        assert_eq!(second.refused("COMMIT").await, conflict());
    }
    assert_eq!(one.rows(BALANCE).await, ["111"]);
}

#[tokio::test]
async fn who_meets_in_a_circle_loses_only_to_one_that_commits() {
    const SESSIONS: usize = 6;
    let fixture = Fixture::start().await;
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        sessions.push(fixture.client().await);
    }
    sessions[0]
        .rows("CREATE TABLE seat (id int PRIMARY KEY, taken int)")
        .await;
    sessions[0]
        .rows("INSERT INTO seat SELECT n, 0 FROM generate_series(0, 5) n")
        .await;
    let take = |seat: usize| {
        let seat = seat % SESSIONS;
        format!("UPDATE seat SET taken = taken + 1 WHERE id = {seat} RETURNING taken")
    };
    for round in 1..=20 {
        for session in &sessions {
            session.rows("BEGIN").await;
        }
        // Each its own, then all at once that of the next one, then that of the one after.
        for on in 0..3 {
            let takes = (sessions.iter().enumerate()).map(|(place, session)| {
                let take = take(place + on);
                async move { session.rows(&take).await }
            });
            for taken in futures_util::future::join_all(takes).await {
                assert_eq!(taken, [round.to_string()]);
            }
        }
        for (place, session) in sessions.iter().enumerate() {
            if place % 3 == 0 {
                session.rows("COMMIT").await;
            } else {
                assert_eq!(
                    session.refused("COMMIT").await,
                    conflict(),
                    "{round} {place}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_loser_goes_on_with_its_own_writes_until_its_commit() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("BEGIN").await;
    two.rows("BEGIN").await;
    one.rows("UPDATE account SET balance = 1 WHERE id = 1")
        .await;
    two.rows("UPDATE account SET balance = 2 WHERE id = 1")
        .await;
    two.rows("COMMIT").await;
    assert_eq!(one.rows(BALANCE).await, ["1"]);
    let updated = one
        .rows("UPDATE account SET balance = balance + 5 WHERE id = 1 RETURNING balance")
        .await;
    assert_eq!(updated, ["6"]);
    assert_eq!(one.refused("COMMIT").await, conflict());
    assert_eq!(one.rows(BALANCE).await, ["2"]);
}

#[tokio::test]
async fn a_row_changed_since_the_snapshot_answers_from_the_snapshot() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("BEGIN").await;
    one.rows(BALANCE).await;
    two.rows("UPDATE account SET balance = 7 WHERE id = 1")
        .await;
    let updated = one
        .rows("UPDATE account SET balance = balance + 1 WHERE id = 1 RETURNING balance")
        .await;
    assert_eq!(updated, ["101"]);
    assert_eq!(one.rows(BALANCE).await, ["101"]);
    assert_eq!(one.refused("COMMIT").await, conflict());
    assert_eq!(one.rows(BALANCE).await, ["7"]);
}

#[tokio::test]
async fn prepared_statements_meet_conflicts_in_the_same_way() {
    let (_fixture, mut one, mut two) = two_sessions().await;
    let sql = "UPDATE account SET balance = balance + $1 WHERE id = $2 RETURNING balance";
    let by_one = one.prepare(sql).await.unwrap();
    let by_two = two.prepare(sql).await.unwrap();
    let balance = |row: Row| row.get::<_, i32>(0);
    for round in 0..3 {
        let first = one.transaction().await.unwrap();
        let second = two.transaction().await.unwrap();
        let before = 100 + round;
        let row = first.query_one(&by_one, &[&1, &1]).await.unwrap();
        assert_eq!(balance(row), before + 1);
        let row = second.query_one(&by_two, &[&5, &1]).await.unwrap();
        assert_eq!(balance(row), before + 5);
        first.commit().await.unwrap();
        let row = second.query_one(&by_two, &[&5, &1]).await.unwrap();
        assert_eq!(balance(row), before + 10);
        assert_eq!(refusal(&second.commit().await.unwrap_err()), conflict());
    }
}

#[tokio::test]
async fn the_same_key_inserted_twice_conflicts_and_does_not_wait() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("BEGIN").await;
    two.rows("BEGIN").await;
    one.rows("INSERT INTO account VALUES (3, 0, 'one')").await;
    two.rows("INSERT INTO account VALUES (3, 0, 'two')").await;
    two.rows("COMMIT").await;
    assert_eq!(one.refused("COMMIT").await, conflict());
    let holder = one.rows("SELECT holder FROM account WHERE id = 3").await;
    assert_eq!(holder, ["two"]);
}

#[tokio::test]
async fn a_key_taken_since_the_snapshot_fails_at_commit_and_a_visible_one_at_once() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("BEGIN").await;
    one.rows(BALANCE).await;
    two.rows("INSERT INTO account VALUES (3, 0, 'two')").await;
    one.rows("INSERT INTO account VALUES (3, 0, 'one')").await;
    let holder = one.rows("SELECT holder FROM account WHERE id = 3").await;
    assert_eq!(holder, ["one"]);
    assert_eq!(one.refused("COMMIT").await, conflict());

    one.rows("BEGIN").await;
    let refused = one.refused("INSERT INTO account VALUES (1, 0, 'x')").await;
    assert_eq!(refused.0, "23505");
    assert_eq!(one.refused("SELECT 1").await.0, "25P02");
    one.rows("ROLLBACK").await;
}

#[tokio::test]
async fn who_comes_second_goes_on_whatever_way_the_table_is_named() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("CREATE SCHEMA bank").await;
    one.rows("CREATE TABLE bank.entry (id int PRIMARY KEY, amount int)")
        .await;
    one.rows("INSERT INTO bank.entry VALUES (1, 5), (2, 5)")
        .await;
    for (first, second, read, expected) in [
        (
            "UPDATE account SET balance = 1 WHERE id = 1",
            "UPDATE public.account SET balance = public.account.balance + 1 WHERE id = 1 RETURNING balance",
            "SELECT account.balance FROM Public.account WHERE id = 1",
            "101",
        ),
        (
            "UPDATE bank.entry SET amount = 6 WHERE id = 1",
            "UPDATE bank.\"entry\" SET amount = amount + 10 WHERE id = 1 RETURNING amount",
            "SELECT amount FROM bank.entry AS e WHERE id = 1",
            "15",
        ),
        (
            "UPDATE account SET balance = 2 WHERE id = 2",
            "WITH moved AS (UPDATE account SET balance = balance - 50 WHERE id = 2 RETURNING balance) \
             INSERT INTO bank.entry SELECT 3, balance FROM moved RETURNING amount",
            "SELECT balance FROM account WHERE id = 2",
            "50",
        ),
    ] {
        for prepared in [false, true] {
            one.rows("BEGIN").await;
            let before = one.rows(read).await;
            two.rows(first).await;
            if prepared {
                // Prepared when the table itself was meant still.
                let [second, read] = [second, read].map(|sql| one.prepare(sql));
                let (second, read) = (second.await.unwrap(), read.await.unwrap());
                for (statement, answer) in [(&second, expected), (&read, expected)] {
                    let rows = one.query(statement, &[]).await.unwrap();
                    assert_eq!(rows[0].get::<_, i32>(0).to_string(), answer);
                }
            } else {
                assert_eq!(one.rows(second).await, [expected], "{second}");
            }
            assert_eq!(one.rows(read).await, [expected], "{read}");
            assert_eq!(one.refused("COMMIT").await, conflict());
            assert_ne!(one.rows(read).await, [expected]);
            one.rows("BEGIN").await;
            one.rows(&format!(
                "UPDATE account SET balance = {} WHERE id = 1",
                100
            ))
            .await;
            one.rows("UPDATE account SET balance = 100 WHERE id = 2")
                .await;
            one.rows("UPDATE bank.entry SET amount = 5").await;
            one.rows("COMMIT").await;
            assert_eq!(one.rows(read).await, before);
        }
    }
}

#[tokio::test]
async fn a_row_locked_for_update_counts_as_written() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("BEGIN").await;
    one.rows("SELECT * FROM account WHERE id = 1 FOR UPDATE")
        .await;
    two.rows("BEGIN").await;
    two.rows("UPDATE account SET balance = 0 WHERE id = 1")
        .await;
    one.rows("COMMIT").await;
    assert_eq!(two.refused("COMMIT").await, conflict());
}

#[tokio::test]
async fn a_row_that_cannot_be_locked_any_more_answers_from_the_snapshot() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("BEGIN").await;
    one.rows("UPDATE account SET balance = 50 WHERE id = 2")
        .await;
    two.rows("UPDATE account SET balance = 7 WHERE id = 1")
        .await;
    let locked = one
        .rows("SELECT balance FROM account ORDER BY id FOR UPDATE NOWAIT")
        .await;
    assert_eq!(locked, ["100", "50"]);
    assert_eq!(one.refused("COMMIT").await, conflict());
    assert_eq!(one.rows("SELECT sum(balance) FROM account").await, ["107"]);
}

#[tokio::test]
async fn disjoint_rows_do_not_conflict_and_write_skew_is_possible() {
    let (_fixture, one, two) = two_sessions().await;
    for client in [&one, &two] {
        client.rows("BEGIN").await;
        client.rows("SELECT sum(balance) FROM account").await;
    }
    one.rows("UPDATE account SET balance = balance - 150 WHERE id = 1")
        .await;
    two.rows("UPDATE account SET balance = balance - 150 WHERE id = 2")
        .await;
    one.rows("COMMIT").await;
    two.rows("COMMIT").await;
    let sum = one.rows("SELECT sum(balance) FROM account").await;
    assert_eq!(sum, ["-100"]);
}

#[tokio::test]
async fn a_parent_deleted_while_a_child_comes_fails_one_of_the_two() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("CREATE TABLE entry (id int PRIMARY KEY, account int REFERENCES account (id))")
        .await;
    one.rows("BEGIN").await;
    two.rows("BEGIN").await;
    one.rows("INSERT INTO entry VALUES (1, 1)").await;
    two.rows("DELETE FROM account WHERE id = 1").await;
    two.rows("COMMIT").await;
    assert_eq!(one.refused("COMMIT").await, conflict());

    one.rows("BEGIN").await;
    two.rows("BEGIN").await;
    one.rows("DELETE FROM account WHERE id = 2").await;
    two.rows("INSERT INTO entry VALUES (2, 2)").await;
    two.rows("COMMIT").await;
    assert_eq!(one.refused("COMMIT").await, conflict());
}

#[tokio::test]
async fn an_autocommit_write_moves_an_open_transaction_aside() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("BEGIN").await;
    one.rows("UPDATE account SET balance = 1 WHERE id = 1")
        .await;
    two.rows("UPDATE account SET balance = 2 WHERE id = 1")
        .await;
    assert_eq!(one.refused("COMMIT").await, conflict());
    assert_eq!(one.rows(BALANCE).await, ["2"]);
}

#[tokio::test]
async fn a_transaction_moved_aside_by_one_that_rolls_back_commits() {
    let (_fixture, one, two) = two_sessions().await;
    one.rows("BEGIN").await;
    one.rows("UPDATE account SET balance = balance + 1 WHERE id = 1")
        .await;
    one.rows("INSERT INTO account VALUES (5, 5, 'eve')").await;
    two.rows("BEGIN").await;
    two.rows("UPDATE account SET balance = 0 WHERE id = 1")
        .await;
    two.rows("ROLLBACK").await;
    one.rows("COMMIT").await;
    let balances = one
        .rows("SELECT balance FROM account WHERE id IN (1, 5) ORDER BY id")
        .await;
    assert_eq!(balances, ["101", "5"]);
}

#[tokio::test]
async fn rows_that_were_read_in_portions_cannot_be_read_on_after_giving_way() {
    let (_fixture, mut one, two) = two_sessions().await;
    let reader = one.transaction().await.unwrap();
    reader
        .execute("UPDATE account SET balance = 1 WHERE id = 1", &[])
        .await
        .unwrap();
    let portal = reader
        .bind("SELECT id FROM account ORDER BY id", &[])
        .await
        .unwrap();
    assert_eq!(reader.query_portal(&portal, 1).await.unwrap().len(), 1);
    two.rows("UPDATE account SET balance = 2 WHERE id = 1")
        .await;
    let lost = reader.query_portal(&portal, 1).await.unwrap_err();
    assert_eq!(refusal(&lost), conflict());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_increment_is_lost_and_none_is_counted_twice() {
    const TASKS: usize = 6;
    const EACH: usize = 15;
    let (fixture, one, _two) = two_sessions().await;
    let mut tasks = Vec::new();
    for task in 0..TASKS {
        let mut client = fixture.client().await;
        tasks.push(tokio::spawn(async move {
            for turn in 0..EACH {
                // Half of them go through the rows in the other order: what would be a deadlock.
                let first = i32::try_from(1 + (task + turn) % 2).unwrap();
                while let Err(error) = increment(&mut client, [first, 3 - first]).await {
                    assert_eq!(refusal(&error), conflict());
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let expected = (100 + TASKS * EACH).to_string();
    let balances = one.rows("SELECT balance FROM account ORDER BY id").await;
    assert_eq!(balances, [expected.as_str(), expected.as_str()]);
}

async fn increment(client: &mut Client, ids: [i32; 2]) -> Result<(), tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    for id in ids {
        transaction
            .execute(
                "UPDATE account SET balance = balance + 1 WHERE id = $1",
                &[&id],
            )
            .await?;
    }
    transaction.commit().await
}
