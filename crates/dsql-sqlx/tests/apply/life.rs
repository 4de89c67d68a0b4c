//! The life of a run: its lock, what it says, how it is continued.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use dsql_sql::{Plan, translate};
use dsql_sqlx::sqlx::Executor as _;
use dsql_sqlx::{DsqlPool, Error, Holder, LockOptions, Progress, Report};

use super::relay::{Cut, Relay};
use super::{Place, config, observer, options};

fn plan(script: &str) -> Plan {
    let plan = translate(script, &Default::default());
    assert!(plan.errors.is_empty(), "{plan}");
    plan
}

async fn place() -> Place {
    Place::new(&observer(1).await).await
}

async fn place_with(setup: &str) -> Place {
    let mut place = place().await;
    for statement in dsql_sql::split(setup) {
        place.execute(statement.text()).await;
    }
    place
}

const COUNTER: &str = "CREATE TABLE counter (id bigint PRIMARY KEY, n bigint NOT NULL); \
                       INSERT INTO counter VALUES (1, 0);";

/// A hundred steps that each count.
fn counting() -> Plan {
    plan(&"UPDATE counter SET n = n + 1; ".repeat(100))
}

async fn apply(pool: &DsqlPool, script: &str) -> Result<Report, Error> {
    pool.apply(&plan(script), options(), |_| {}).await
}

#[tokio::test]
async fn a_second_runner_waits_and_is_told_for_whom() {
    let mut place = place_with(COUNTER).await;
    let (first, second) = (
        place.pool(config()).await.unwrap(),
        place.pool(config()).await.unwrap(),
    );
    let plan = counting();
    let holders = Mutex::new(Vec::new());
    let run = |pool: &DsqlPool| {
        let (pool, plan, holders) = (pool.clone(), &plan, &holders);
        async move {
            pool.apply(plan, options(), |progress| {
                if let Progress::Locked { holder, .. } = progress {
                    holders.lock().unwrap().push(holder.clone());
                }
            })
            .await
        }
    };
    let (one, other) = tokio::join!(run(&first), run(&second));
    assert_eq!(one.unwrap().steps.len(), 100);
    assert_eq!(other.unwrap().steps.len(), 100);
    assert_eq!(place.one("SELECT n FROM counter").await, "200");
    let holders: Vec<Holder> = holders.into_inner().unwrap();
    assert_eq!(holders.len(), 1, "{holders:?}");
    assert_eq!(holders[0].purpose, "a test");
    assert_eq!(holders[0].process, std::process::id() as i32);
    place.drop().await;
}

#[tokio::test]
async fn a_runner_that_does_not_wait_names_the_holder_at_once() {
    let place = place().await;
    let pool = place.pool(config()).await.unwrap();
    let held = LockOptions::default().purpose("a migration");
    let lock = pool.lock(held, |_| {}).await.unwrap();
    let options = options().lock(LockOptions::default().wait(Duration::ZERO));
    let begun = Instant::now();
    let error = pool
        .apply(&plan("SELECT 1"), options, |_| {})
        .await
        .unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(5));
    let text = error.to_string();
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    assert!(text.contains("for a migration"), "{text}");
    assert!(
        text.contains(&format!("(process {})", std::process::id())),
        "{text}"
    );
    lock.release().await.unwrap();
    assert!(apply(&pool, "SELECT 1").await.is_ok());
    place.drop().await;
}

#[tokio::test]
async fn a_lock_is_renewed_while_it_is_held_and_runs_out_when_its_holder_is_gone() {
    let mut place = place().await;
    let pool = place.pool(config()).await.unwrap();
    let brief = || LockOptions::default().lease(Duration::from_millis(900));
    let lock = pool.lock(brief(), |_| {}).await.unwrap();
    let waited = pool
        .lock(brief().wait(Duration::from_secs(2)), |_| {})
        .await;
    assert!(matches!(waited, Err(Error::Locked { .. })), "{waited:?}");
    lock.release().await.unwrap();

    // What a runner that was killed leaves.
    place
        .execute(
            "INSERT INTO dsql_lock VALUES ('schema', 'x', 'anna', 'build-7', 123, 'schema.sql', now(), \
             now() + interval '1 second')",
        )
        .await;
    let begun = Instant::now();
    let mut told = String::new();
    let lock = pool
        .lock(brief(), |holder| told = holder.to_string())
        .await
        .unwrap();
    assert!(begun.elapsed() > Duration::from_millis(500));
    assert!(
        told.starts_with("anna on build-7 (process 123) since 20")
            && told.ends_with("for schema.sql"),
        "{told}"
    );
    lock.release().await.unwrap();
    place.drop().await;
}

#[tokio::test]
async fn a_runner_whose_lock_was_taken_stops_and_says_by_whom() {
    let mut place = place_with(COUNTER).await;
    let pool = place.pool(config()).await.unwrap();
    let options = options().lock(LockOptions::default().lease(Duration::from_millis(300)));
    let steal = "UPDATE dsql_lock SET owner = 'x', user_name = 'anna', expires_at = now() + interval '1 hour'";
    let (plan, observer) = (
        plan("SELECT pg_sleep(20); UPDATE counter SET n = 1"),
        &mut place,
    );
    let run = pool.apply(&plan, options, |_| {});
    let thief = async {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if observer.one("SELECT to_regclass('dsql_lock')").await != "NULL"
                && observer
                    .connection
                    .execute(steal)
                    .await
                    .is_ok_and(|done| done.rows_affected() > 0)
            {
                return;
            }
        }
    };
    let (run, ()) = tokio::join!(run, thief);
    let error = run.unwrap_err();
    assert!(matches!(error, Error::LockLost { .. }), "{error:?}");
    assert!(error.to_string().contains("to anna on "), "{error}");
    assert_eq!(place.one("SELECT n FROM counter").await, "0");
    place.drop().await;
}

const FAULTY: &str = "CREATE TABLE pet (id bigint PRIMARY KEY, n bigint NOT NULL);
INSERT INTO pet VALUES (1, 0);
UPDATE pet SET n = n + 1;
INSERT INTO pet VALUES (1, 0);
UPDATE pet SET n = n + 10;";

#[tokio::test]
async fn a_run_that_failed_goes_on_at_the_step_that_was_corrected() {
    let mut place = place().await;
    let pool = place.pool(config()).await.unwrap();
    for _ in 0..2 {
        let error = apply(&pool, FAULTY).await.unwrap_err();
        assert!(
            error.to_string().starts_with("step 4 of 5 failed"),
            "{error}"
        );
        assert_eq!(error.sqlstate().as_deref(), Some("23505"));
    }
    let corrected = FAULTY.replace(
        "(1, 0);\nUPDATE pet SET n = n + 10",
        "(2, 0);\nUPDATE pet SET n = n + 100",
    );
    let mut resumed = None;
    let report = pool
        .apply(&plan(&corrected), options(), |progress| {
            if let Progress::Resumed { done, steps, .. } = progress {
                resumed = Some((done, steps));
            }
        })
        .await
        .unwrap();
    assert_eq!(resumed, Some((3, 5)));
    assert_eq!((report.already_done, report.steps.len()), (3, 2));
    assert_eq!(
        place.one("SELECT id, n FROM pet ORDER BY 1").await,
        "1|101\n2|100"
    );
    // It is over: nothing is left to be continued.
    assert_eq!(place.one("SELECT count(*) FROM dsql_journal").await, "0");
    place.drop().await;
}

#[tokio::test]
async fn another_script_is_refused_while_a_run_is_unfinished_unless_that_is_forgotten() {
    let mut place = place().await;
    let pool = place.pool(config()).await.unwrap();
    apply(&pool, FAULTY).await.unwrap_err();
    let other = "CREATE TABLE owner (id bigint PRIMARY KEY); INSERT INTO owner VALUES (1)";
    let edited = FAULTY.replacen("n + 1", "n + 2", 1);
    for script in [other, &edited] {
        let error = apply(&pool, script).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Unfinished { .. }), "{error:?}");
        assert!(text.contains("the run of a test that "), "{text}");
        assert!(text.contains("stopped at step 4 of 5"), "{text}");
        assert!(text.contains("its first 3 steps are done"), "{text}");
        assert!(text.contains("--forget"), "{text}");
    }
    let report = pool
        .apply(&plan(other), options().forget(true), |_| {})
        .await
        .unwrap();
    assert_eq!(report.already_done, 0);
    assert_eq!(place.one("SELECT count(*) FROM owner").await, "1");
    assert_eq!(place.one("SELECT count(*) FROM dsql_journal").await, "0");
    place.drop().await;
}

#[tokio::test]
async fn a_step_that_was_applied_cannot_be_edited_away() {
    const SCRIPT: &str = "CREATE TABLE pet (id bigint PRIMARY KEY)";
    let other = plan(&format!("{SCRIPT}; INSERT INTO pet VALUES (1)").replace("pet", "animal"));
    // A kill after the CREATE and before the journal says so.
    for after in 0.. {
        let mut place = place().await;
        let relay = Relay::start(&config(), Cut::Everything, after).await;
        let pool = place.pool(relay.config(&config())).await.unwrap();
        let plan = plan(SCRIPT);
        tokio::select! {
            () = relay.died() => {}
            report = pool.apply(&plan, options(), |progress| {
                if let Progress::Started { .. } = progress {
                    relay.count();
                }
            }) => panic!("it ended before: {report:?}"),
        }
        place.free_the_lock().await;
        if place.one("SELECT to_regclass('pet')").await == "NULL" {
            place.drop().await;
            continue;
        }
        assert_eq!(place.one("SELECT state FROM dsql_journal").await, "started");
        let pool = place.pool(config()).await.unwrap();
        let error = pool.apply(&other, options(), |_| {}).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("its step 1 was applied") && text.contains("CREATE TABLE pet (id"),
            "{text}"
        );
        let report = apply(&pool, &format!("{SCRIPT}; INSERT INTO pet VALUES (1)"))
            .await
            .unwrap();
        assert_eq!(report.steps.len(), 2);
        place.drop().await;
        return;
    }
}

#[tokio::test]
async fn a_unique_index_over_equal_rows_is_built_when_they_are_gone() {
    let mut place = place_with(
        "CREATE TABLE pet (id bigint PRIMARY KEY, chip text); INSERT INTO pet VALUES (1, 'a'), (2, 'a')",
    )
    .await;
    let pool = place.pool(config()).await.unwrap();
    let script =
        "ALTER TABLE pet ADD CONSTRAINT pet_chip UNIQUE (chip); INSERT INTO pet VALUES (3, 'c')";
    for _ in 0..2 {
        let error = apply(&pool, script).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Job { .. }), "{error:?}");
        assert!(text.contains("Found duplicate key"), "{text}");
        assert!(
            text.contains("the index is dropped and built anew"),
            "{text}"
        );
        assert_eq!(place.one("SELECT state FROM dsql_journal").await, "failed");
    }
    place.execute("DELETE FROM pet WHERE id = 2").await;
    apply(&pool, script).await.unwrap();
    assert_eq!(
        place.one("SELECT id, chip FROM pet ORDER BY 1").await,
        "1|a\n3|c"
    );
    let unique =
        "SELECT conname FROM pg_constraint WHERE conrelid = 'pet'::regclass AND contype = 'u'";
    assert_eq!(place.one(unique).await, "pet_chip");
    place.drop().await;
}

#[tokio::test]
async fn a_run_that_is_asked_to_stop_stops_between_steps_and_goes_on_later() {
    let mut place = place_with(COUNTER).await;
    let pool = place.pool(config()).await.unwrap();
    let (ask, asked) = tokio::sync::oneshot::channel::<()>();
    let mut ask = Some(ask);
    let options_with_stop = options().stop_when(async move {
        asked.await.ok();
    });
    let error = pool
        .apply(&counting(), options_with_stop, |progress| {
            if let Progress::Started { step, .. } = progress
                && step.step == 5
            {
                ask.take().unwrap().send(()).unwrap();
            }
        })
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Stopped { .. }), "{error:?}");
    assert!(
        error.to_string().starts_with("stopped at step 6 of 100"),
        "{error}"
    );
    assert_eq!(place.one("SELECT n FROM counter").await, "5");
    // The lock was given back.
    assert_eq!(place.one("SELECT count(*) FROM dsql_lock").await, "0");
    let report = pool.apply(&counting(), options(), |_| {}).await.unwrap();
    assert_eq!(report.already_done, 5);
    assert_eq!(place.one("SELECT n FROM counter").await, "100");
    place.drop().await;
}

#[tokio::test]
async fn a_statement_that_leaves_no_row_for_the_journal_is_told_to_be_cut() {
    let mut place = place_with("CREATE TABLE pet (id bigint PRIMARY KEY)").await;
    let pool = place.pool(config()).await.unwrap();
    let insert = |rows| format!("INSERT INTO pet SELECT n FROM generate_series(1, {rows}) n");
    let error = apply(&pool, &insert(3000)).await.unwrap_err();
    assert!(matches!(error, Error::NoRoomForJournal { .. }), "{error:?}");
    assert_eq!(place.one("SELECT count(*) FROM pet").await, "0");
    apply(&pool, &insert(2999)).await.unwrap();
    assert_eq!(place.one("SELECT count(*) FROM pet").await, "2999");
    place.drop().await;
}

#[tokio::test]
async fn without_a_schema_to_work_in_it_says_so() {
    let pool = DsqlPool::builder(config())
        .connect_options(|options| options.options([("search_path", "nowhere")]))
        .connect()
        .await
        .unwrap();
    let error = apply(&pool, "SELECT 1").await.unwrap_err();
    assert!(matches!(error, Error::NoSchema), "{error:?}");
}

#[tokio::test]
async fn what_others_change_in_another_schema_meanwhile_does_not_matter() {
    const SCRIPT: &str = "CREATE TABLE pet (id bigint PRIMARY KEY); INSERT INTO pet VALUES (1)";
    // A kill after the journal says that the CREATE is about to be sent.
    for after in 0.. {
        let mut place = place().await;
        let relay = Relay::start(&config(), Cut::Everything, after).await;
        let pool = place.pool(relay.config(&config())).await.unwrap();
        let plan = plan(SCRIPT);
        tokio::select! {
            () = relay.died() => {}
            report = pool.apply(&plan, options(), |progress| {
                if let Progress::Started { .. } = progress {
                    relay.count();
                }
            }) => panic!("it ended before: {report:?}"),
        }
        place.free_the_lock().await;
        if place.one("SELECT count(*) FROM dsql_journal").await == "0" {
            place.drop().await;
            continue;
        }
        assert_eq!(place.one("SELECT to_regclass('pet')").await, "NULL");
        let other = place_with("CREATE TABLE pet (id bigint PRIMARY KEY)").await;
        let pool = place.pool(config()).await.unwrap();
        apply(&pool, SCRIPT).await.unwrap();
        assert_eq!(place.one("SELECT id FROM pet").await, "1");
        other.drop().await;
        place.drop().await;
        return;
    }
}

#[tokio::test]
async fn several_plans_run_under_one_lock_each_with_a_journal_of_its_own() {
    let mut place = place_with(COUNTER).await;
    let pool = place.pool(config()).await.unwrap();
    let lock = pool.lock(LockOptions::default(), |_| {}).await.unwrap();
    let run = async |name: &str, script: &str| {
        let options = options().source(name).journal(name);
        pool.apply_under(&lock, &plan(script), options, |_| {})
            .await
    };
    let first = "UPDATE counter SET n = n + 1; SELECT 1 / 0";
    assert!(run("first", first).await.is_err());
    run("second", "UPDATE counter SET n = n + 10")
        .await
        .unwrap();
    let report = run("first", &first.replace("/ 0", "/ 1")).await.unwrap();
    assert_eq!(report.already_done, 1);
    assert_eq!(place.one("SELECT n FROM counter").await, "11");
    lock.release().await.unwrap();
    place.drop().await;
}

/// So that it may be spawned, and awaited in a handler of a web framework.
#[test]
fn the_future_of_a_run_can_be_sent_to_another_thread() {
    fn is_send(_: impl Send) {}
    fn check(pool: &DsqlPool, plan: &Plan) {
        is_send(pool.apply(plan, options(), |_| {}));
        is_send(pool.run_plan(plan, |_| {}));
    }
    let _ = check;
}
