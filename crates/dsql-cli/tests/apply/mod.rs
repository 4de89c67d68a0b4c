//! `dsql apply` as a person uses it, on a local cluster.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Output, Stdio};

use dsql_local::LocalCluster;
use dsql_sqlx::sqlx::{self, AssertSqlSafe};
use dsql_sqlx::{Config, DsqlPool};

use super::{dsql, signal, stderr, stdout};

/// A cluster, a folder for scripts, and `dsql` on both.
pub(crate) struct Clinic {
    runtime: tokio::runtime::Runtime,
    cluster: LocalCluster,
    config: Config,
    folder: tempfile::TempDir,
}

impl Clinic {
    pub(crate) fn open() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let cluster = runtime.block_on(LocalCluster::start()).unwrap();
        Self {
            config: cluster.config(),
            runtime,
            cluster,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn write(&self, name: &str, script: &str) {
        std::fs::write(self.folder.path().join(name), script).unwrap();
    }

    fn apply(&self, arguments: &[&str]) -> Command {
        let mut command = self.dsql();
        command.arg("apply").args(arguments);
        command
    }

    pub(crate) fn dsql(&self) -> Command {
        let mut command = dsql();
        command
            .envs(self.cluster.env())
            .current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.apply(arguments).output().unwrap()
    }

    /// Starts a run and returns when it says a text.
    fn start(
        &self,
        arguments: &[&str],
        until: &str,
    ) -> (Child, BufReader<std::process::ChildStderr>) {
        let mut child = self
            .apply(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let (mut line, mut said) = (String::new(), String::new());
        while !line.contains(until) {
            line.clear();
            let read = lines.read_line(&mut line).unwrap();
            said.push_str(&line);
            assert!(read > 0, "it ended before it said {until:?}:\n{said}");
        }
        (child, lines)
    }

    pub(crate) fn one(&self, sql: &str) -> String {
        self.runtime.block_on(async {
            let pool = DsqlPool::connect_with(self.config.clone()).await.unwrap();
            let mut connection = pool.acquire().await.unwrap();
            let sql = AssertSqlSafe(format!("SELECT ({sql})::text"));
            sqlx::query_scalar(sql)
                .fetch_one(&mut *connection)
                .await
                .unwrap()
        })
    }

    pub(crate) fn close(self) {
        self.runtime.block_on(self.cluster.shutdown());
    }
}

/// Steps that count, each of which must happen once.
fn counting(steps: usize) -> String {
    let mut script = "CREATE TABLE counter (id bigint PRIMARY KEY, n bigint NOT NULL);\n\
                      INSERT INTO counter VALUES (1, 0);\n"
        .to_owned();
    for step in 0..steps {
        script.push_str("UPDATE counter SET n = n + 1;\n");
        if step % 10 == 9 {
            script.push_str(&format!("ALTER TABLE counter ADD COLUMN c{step} text;\n"));
        }
    }
    script
}

#[test]
fn a_run_that_is_killed_goes_on_when_it_is_started_again() {
    let clinic = Clinic::open();
    clinic.write("count.sql", &counting(200));
    let arguments = ["--lock-lease", "1", "count.sql"];
    for until in ["7/222 ", "60/222 ", "131/222 "] {
        let (mut child, _) = clinic.start(&arguments, until);
        signal(&child, "KILL");
        assert!(!child.wait().unwrap().success());
    }
    let output = clinic.run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("going on with the run of 20"), "{said}");
    assert!(stdout(&output).starts_with("Done: "), "{}", stdout(&output));
    assert!(
        stdout(&output).contains(" done earlier"),
        "{}",
        stdout(&output)
    );
    assert_eq!(clinic.one("SELECT n FROM counter"), "200");
    let columns =
        "SELECT count(*) FROM pg_attribute WHERE attrelid = 'counter'::regclass AND attnum > 0";
    assert_eq!(clinic.one(columns), "22");
    assert_eq!(clinic.one("SELECT count(*) FROM dsql_journal"), "0");
    clinic.close();
}

#[test]
fn ctrl_c_stops_after_the_statement_and_the_same_command_goes_on() {
    let clinic = Clinic::open();
    clinic.write("count.sql", &counting(200));
    let (mut child, mut lines) = clinic.start(&["count.sql"], "20/222 ");
    signal(&child, "INT");
    let mut said = String::new();
    std::io::Read::read_to_string(&mut lines, &mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        said.contains("stopping when this statement is done"),
        "{said}"
    );
    assert!(
        said.contains("of 222, as asked. Run the same again to go on"),
        "{said}"
    );
    // The lock was given back: nothing to wait for.
    let output = clinic.run(&["--lock-wait", "0", "count.sql"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(clinic.one("SELECT n FROM counter"), "200");
    clinic.close();
}

#[test]
fn a_second_run_says_who_is_at_work_and_waits_unless_told_otherwise() {
    let clinic = Clinic::open();
    clinic.write("slow.sql", "SELECT pg_sleep(3);");
    clinic.write("quick.sql", "SELECT 1;");
    let (mut first, _lines) = clinic.start(&["slow.sql"], "1/1 SELECT pg_sleep(3)");
    let output = clinic.run(&["--lock-wait", "0", "quick.sql"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    let holder = format!("(process {}) since 20", first.id());
    assert!(
        said.contains(&holder) && said.contains("for slow.sql"),
        "{said}"
    );
    let output = clinic.run(&["quick.sql"]);
    assert_eq!(output.status.code(), Some(0));
    let said = stderr(&output);
    assert!(
        said.contains("waiting for another run: ") && said.contains(&holder),
        "{said}"
    );
    assert!(first.wait().unwrap().success());
    clinic.close();
}

#[test]
fn a_failed_step_is_corrected_and_the_run_goes_on_there_or_is_forgotten() {
    let clinic = Clinic::open();
    clinic.write(
        "1.sql",
        "CREATE TABLE pet (id serial PRIMARY KEY, name text);\nINSERT INTO pet (name) VALUES ('Leo');\n",
    );
    clinic.write(
        "2.sql",
        "CREATE INDEX pet_name ON pet (nick);\nINSERT INTO pet (name) VALUES ('Rex');\n",
    );
    let output = clinic.run(&["."]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("step 3 of 4 failed: "), "{said}");
    assert!(said.contains("column \"nick\" does not exist"), "{said}");
    assert!(
        said.contains("give the same command again: it goes on there"),
        "{said}"
    );
    clinic.write("3.sql", "SELECT 1;");
    let output = clinic.run(&["3.sql"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("./1.sql, ./2.sql") && said.contains("--forget"),
        "{said}"
    );
    clinic.write(
        "2.sql",
        "CREATE INDEX pet_name ON pet (name);\nINSERT INTO pet (name) VALUES ('Rex');\n",
    );
    let output = clinic.run(&["1.sql", "2.sql"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).starts_with("Done: 2 steps after 2 done earlier, 1 row changed, "),
        "{}",
        stdout(&output)
    );
    assert_eq!(
        clinic.one("SELECT string_agg(name, ' ' ORDER BY name) FROM pet"),
        "Leo Rex"
    );

    clinic.write("4.sql", "SELECT 1; INSERT INTO pet (name) VALUES (1 / 0);");
    assert_eq!(clinic.run(&["4.sql"]).status.code(), Some(1));
    let output = clinic.run(&["--forget"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "There is no unfinished run any more.\n");
    assert_eq!(clinic.run(&["3.sql"]).status.code(), Some(0));
    clinic.close();
}

#[test]
fn nothing_is_run_of_a_script_that_cannot_be_had_as_a_whole() {
    let clinic = Clinic::open();
    let script = "CREATE TABLE pet (id bigint PRIMARY KEY);\nCREATE EXTENSION hstore;\n";
    clinic.write("pet.sql", script);
    let output = clinic.run(&["pet.sql"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.starts_with("pet.sql:2:1: "), "{said}");
    assert!(said.contains("nothing was run"), "{said}");
    assert_eq!(
        clinic.one("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
        "0"
    );
    clinic.close();
}

#[test]
fn a_dry_run_prints_the_plan_and_asks_no_cluster() {
    let mut child = dsql()
        .args(["apply", "--dry-run"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let script = b"CREATE TABLE pet (id serial PRIMARY KEY);";
    child.stdin.take().unwrap().write_all(script).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        stdout(&output).contains("GENERATED BY DEFAULT AS IDENTITY"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_cluster_that_is_not_named_or_not_there_is_told_in_a_paragraph() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("one.sql");
    std::fs::write(&script, "SELECT 1;").unwrap();
    let script = script.to_str().unwrap();
    let output = dsql().args(["apply", script]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.starts_with("dsql: ") && said.contains("DSQL_URL"),
        "{said}"
    );
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");

    let output = dsql()
        .args(["apply", script])
        .env(
            "DSQL_URL",
            "dsql://admin@localhost:1/postgres?region=us-east-1",
        )
        .env("AWS_ACCESS_KEY_ID", "an id")
        .env("AWS_SECRET_ACCESS_KEY", "a key")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.starts_with("dsql: could not connect to localhost:1 as admin"),
        "{said}"
    );
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
}
