//! The command as a person uses it: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod apply;
mod corpus;
mod migrate;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn dsql() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dsql"));
    command.stdin(Stdio::null());
    for name in [
        "DSQL_URL",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ] {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    dsql().args(arguments).output().unwrap()
}

fn run_on(input: &str, arguments: &[&str]) -> Output {
    let mut child = dsql()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("/bin/sh")
        .args(["-c", "kill -s \"$0\" \"$1\"", name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    line.trim().to_owned()
}

/// Waits until a cluster's files are gone; what removes them may outlive the program by a moment.
fn gone(path: &Path) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if !path.exists() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn a_rule_that_is_not_there_brings_up_those_that_speak_of_the_same() {
    let output = run(&["rules", "savepoints"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "dsql: there is no rule `savepoints`: do you mean savepoint? `dsql rules` lists them all\n"
    );
    let output = run(&["rules", "nonsense"]);
    assert_eq!(
        stderr(&output),
        "dsql: there is no rule `nonsense`: `dsql rules` lists them all\n"
    );
}

#[test]
fn a_script_that_needs_no_change_is_printed_byte_for_byte() {
    let output = run_on("select 1 -- as it is\n", &["translate"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "select 1 -- as it is\n");
}

#[test]
fn what_is_to_know_of_a_script_that_stays_as_it_is_is_told_beside_it() {
    let script = "create table t (price numeric);\n";
    let output = run_on(script, &["translate"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), script);
    let beside = String::from_utf8_lossy(&output.stderr);
    assert!(beside.contains("numeric_precision"), "{beside}");
}

#[test]
fn a_changed_script_ends_with_3_and_tells_what_changed() {
    let output = run_on(
        "\ncreate table t (id serial primary key);",
        &["translate", "-"],
    );
    assert_eq!(output.status.code(), Some(3));
    let text = stdout(&output);
    assert!(
        text.starts_with("-- note, line 2: serial becomes a bigint identity"),
        "{text}"
    );
    assert!(
        text.contains("create table t (id bigint GENERATED"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_had_ends_with_1_and_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (
        folder.path().join("good.sql"),
        folder.path().join("bad.sql"),
    );
    std::fs::write(&good, "select 1;").unwrap();
    std::fs::write(&bad, "select 1;\ncreate extension postgis;").unwrap();
    let output = dsql()
        .arg("translate")
        .args([&good, &bad])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let place = format!("{}:2:1: ", bad.display());
    assert!(stderr(&output).starts_with(&place), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("-- error, line 2: "),
        "{}",
        stdout(&output)
    );
}

#[test]
fn usage_errors_end_with_2() {
    for arguments in [
        &["translate", "/no/such/file"][..],
        &["translate", "--batch-rows", "0"],
        &["lint", "/no/such/file"],
        &["lint", "--format", "xml"],
        &["lint", "--fix"],
        &["lint", "--fix", "-"],
        &["lint", "--cache", "many"],
        &["rules", "none"],
        &["nonsense"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!stderr(&output).is_empty());
    }
    let folder = tempfile::tempdir().unwrap();
    let output = lint_in(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no *.sql file"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_check_prints_the_services_words() {
    let output = run_on("select 1;\ntruncate pet;", &["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stdout(&output),
        "<stdin>:2:1: 0A000: unsupported statement: Truncate [truncate]\n"
    );
    assert_eq!(run_on("select 1;", &["check"]).status.code(), Some(0));
}

/// A folder of migrations: one is clean, one can be fixed, one cannot.
fn migrations() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let down = folder.path().join("2-owners");
    std::fs::create_dir(&down).unwrap();
    for (name, text) in [
        ("1-pets.sql", "-- pets\nCREATE INDEX ON pet (name);\n"),
        (
            "2-owners/up.SQL",
            "CREATE TABLE owner (id uuid PRIMARY KEY, \u{1f43e} text, n bigserial);\n",
        ),
        ("2-owners/down.sql", "DROP TABLE owner;\nVACUUM;\n"),
        ("3-clean.sql", "SELECT 1;\n"),
        ("notes.txt", "TRUNCATE pet;"),
        (".hidden.sql", "TRUNCATE pet;"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn lint_in(folder: &Path, arguments: &[&str]) -> Output {
    dsql()
        .arg("lint")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn a_lint_underlines_the_place_and_says_what_to_do() {
    let folder = migrations();
    let output = lint_in(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(
        text.starts_with(
            "error[index_async]: unsupported mode. please use CREATE INDEX ASYNC. (SQLSTATE 0A000)\n \
             --> ./1-pets.sql:2:8\n  |\n2 | CREATE INDEX ON pet (name);\n  |        ^^^^^\n  |\n  = help: can be fixed: "
        ),
        "{text}"
    );
    // Folders are read in order of name, and only for their scripts.
    let places: Vec<_> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--> "))
        .collect();
    assert_eq!(
        places,
        [
            "./1-pets.sql:2:8",
            "./2-owners/down.sql:2:1",
            "./2-owners/up.SQL:1:52"
        ]
    );
    assert!(
        text.ends_with(
            "3 places: 1 can be fixed, 1 can be fixed and then be reviewed, 1 cannot be fixed; --fix writes the fixes \
             into the files\n"
        ),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "colour is for terminals");
}

#[test]
fn a_clean_script_says_nothing_and_ends_with_0() {
    let output = run_on("select 1;", &["lint", "-"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "");
}

#[test]
fn what_only_the_options_ask_for_is_to_be_reviewed_and_ends_with_3() {
    let script = "create table visit (pet bigint references pet);";
    assert_eq!(run_on(script, &["lint"]).status.code(), Some(0));
    let output = run_on(script, &["lint", "--foreign-keys", "omit"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stdout(&output).starts_with("warning[foreign_keys]: "),
        "{}",
        stdout(&output)
    );
    let cached = run_on(
        "create table t (id bigserial);",
        &["translate", "--cache", "1"],
    );
    assert!(
        stdout(&cached).contains("IDENTITY (CACHE 1)"),
        "{}",
        stdout(&cached)
    );
}

#[test]
fn a_lint_can_be_read_by_programs() {
    let folder = migrations();
    let output = lint_in(
        folder.path(),
        &["--format", "json", "2-owners", "3-clean.sql"],
    );
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(
        report["summary"],
        serde_json::json!({"files": 3, "refused": 2, "fixed": 0, "review": 1, "apply": 0, "none": 1})
    );
    assert_eq!(
        report["files"][2],
        serde_json::json!({"path": "3-clean.sql", "written": false, "diagnostics": []})
    );
    let found = &report["files"][1]["diagnostics"][0];
    for (field, value) in [
        ("rule", "serial"),
        ("level", "error"),
        ("sqlstate", "42704"),
        ("message", "type \"bigserial\" does not exist"),
        ("fix", "review"),
    ] {
        assert_eq!(found[field], value, "{field}");
    }
    assert!(found["page"].as_str().unwrap().starts_with("https://"));
    // Bytes for programs, characters for editors.
    assert_eq!(
        [
            &found["offset"],
            &found["end"],
            &found["column"],
            &found["end_column"]
        ],
        [54, 63, 52, 61]
    );
}

#[test]
fn code_scanning_gets_sarif() {
    let folder = migrations();
    let output = lint_in(folder.path(), &["--format", "sarif", "."]);
    assert_eq!(output.status.code(), Some(1));
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "dsql");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["level"], "error");
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
    }
    let place = &results[2]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "2-owners/up.SQL");
    assert_eq!(place["region"]["startLine"], 1);
    assert_eq!(place["region"]["startColumn"], 52);
}

#[test]
fn a_pull_request_gets_annotations() {
    let folder = migrations();
    std::fs::rename(
        folder.path().join("1-pets.sql"),
        folder.path().join("100%,a:b.sql"),
    )
    .unwrap();
    let output = lint_in(folder.path(), &["--format", "github", "./100%,a:b.sql"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(
        text.starts_with(
            "::error file=100%25%2Ca%3Ab.sql,line=2,col=8,endColumn=13,title=dsql%3A index_async::unsupported mode. \
             please use CREATE INDEX ASYNC. (SQLSTATE 0A000)%0Acan be fixed: "
        ),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn what_hangs_on_the_catalog_is_left_to_apply() {
    let folder = migrations();
    let file = folder.path().join("4-wider.sql");
    std::fs::write(&file, "ALTER TABLE pet ALTER age TYPE bigint;\n").unwrap();
    for time in ["first", "second"] {
        let output = lint_in(folder.path(), &["--fix", "4-wider.sql"]);
        assert_eq!(output.status.code(), Some(1), "{time}");
        let said = stdout(&output);
        assert!(
            said.contains("dsql apply does it: pet is built anew"),
            "{said}"
        );
        assert!(said.contains(", 1 for dsql apply, 0 not fixed"), "{said}");
        let left = std::fs::read_to_string(&file).unwrap();
        assert!(
            left.starts_with("-- dsql: dsql apply does it: pet is built anew")
                && left.ends_with("\nALTER TABLE pet ALTER age TYPE bigint;\n")
                && left.lines().count() == 2,
            "{time}: {left}"
        );
    }
}

#[test]
fn a_fix_is_written_into_the_file_and_the_status_tells_what_is_left() {
    let folder = migrations();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();

    let output = lint_in(folder.path(), &["--fix", "1-pets.sql", "3-clean.sql"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(
        read("1-pets.sql"),
        "-- pets\nCREATE INDEX ASYNC ON pet (name);\n"
    );
    assert!(
        stdout(&output).starts_with("note[index_async]: ")
            && stdout(&output).ends_with(
                "1 place: 1 fixed, 0 fixed and to be reviewed, 0 not fixed; 1 file written\n"
            ),
        "{}",
        stdout(&output)
    );

    let output = lint_in(folder.path(), &["--fix", "2-owners/up.SQL"]);
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    let fixed = read("2-owners/up.SQL");
    assert!(
        fixed.starts_with("-- dsql: to be reviewed: bigserial "),
        "{fixed}"
    );
    assert_eq!(
        lint_in(folder.path(), &["2-owners/up.SQL"]).status.code(),
        Some(0)
    );

    for time in ["first", "second"] {
        let output = lint_in(folder.path(), &["--fix", "2-owners"]);
        assert_eq!(output.status.code(), Some(1), "{time}");
        let left = read("2-owners/down.sql");
        assert!(
            left.starts_with("DROP TABLE owner;\n-- dsql: not fixed: "),
            "{left}"
        );
        assert!(left.ends_with(" [vacuum]\nVACUUM;\n"), "{left}");
        assert_eq!(left.lines().count(), 3, "{time}: {left}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        5,
        "nothing else is left there"
    );
}

#[cfg(unix)]
#[test]
fn a_fix_keeps_what_else_a_file_is() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("a.sql"), folder.path().join("link.sql"));
    std::fs::write(&file, "\u{feff}CREATE INDEX ON pet (name);\r\nSELECT 1").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("a.sql", &link).unwrap();
    let output = lint_in(folder.path(), &["--fix", "link.sql"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "\u{feff}CREATE INDEX ASYNC ON pet (name);\r\nSELECT 1"
    );
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(link.is_symlink());
}

#[test]
fn a_plan_can_be_read_by_programs() {
    let output = run_on(
        "create index on pet (name);\ntruncate pet;\nvacuum;",
        &["translate", "--format", "json"],
    );
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema_version"], 1);
    let file = &report["files"][0];
    assert_eq!(file["unchanged"], false);
    assert_eq!(
        file["steps"][0],
        serde_json::json!({"kind": "async_ddl", "sql": "create index ASYNC on pet (name)"})
    );
    assert_eq!(file["steps"][1]["kind"], "batches");
    assert_eq!(file["notes"][0]["rule"], "index_async");
    assert_eq!(file["errors"][0]["line"], 3);
}

#[test]
fn the_rulebook_is_a_page_of_documentation() {
    let text = stdout(&run(&["rules", "--format", "markdown"]));
    assert!(text.starts_with("# Rules\n"), "{text}");
    let rows = text.lines().filter(|line| line.starts_with("| <a id="));
    assert_eq!(rows.count(), stdout(&run(&["rules"])).lines().count());
}

#[test]
fn the_rulebook_is_listed() {
    assert!(stdout(&run(&["rules"])).contains("\nserial "));
    assert!(stdout(&run(&["rules", "serial"])).contains("https://docs.aws.amazon.com/"));
}

#[test]
fn a_token_is_printed_and_nothing_else() {
    let output = dsql()
        .args([
            "token",
            "--url",
            "dsql://clinic@localhost/postgres?region=us-east-1",
        ])
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .output()
        .unwrap();
    let text = stdout(&output);
    assert!(
        text.starts_with("localhost/?Action=DbConnect&") && text.lines().count() == 1,
        "{text}"
    );
}

#[test]
fn a_profile_gives_the_keys_and_the_region() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let keys =
        r#"{"Version":1,"AccessKeyId":"AKIDPROCESS","SecretAccessKey":"s","SessionToken":"t"}"#;
    std::fs::write(
        &file,
        format!(
            "[profile clinic]\nregion = eu-west-1\naws_access_key_id = AKIDPROFILE\n\
             aws_secret_access_key = secret\n[profile command]\ncredential_process = echo '{keys}'\n"
        ),
    )
    .unwrap();
    let token = |url: &str, profile: Option<&str>| {
        let mut command = dsql();
        command
            .args(["token", "--url", url])
            .env("AWS_CONFIG_FILE", &file)
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
            .env("AWS_SECRET_ACCESS_KEY", "secret");
        if let Some(profile) = profile {
            command.env("AWS_PROFILE", profile);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    };
    let named = token("dsql://localhost?profile=clinic", None);
    assert!(
        named.contains("AKIDPROFILE") && named.contains("eu-west-1"),
        "{named}"
    );
    let command = token("dsql://localhost?profile=command&region=us-east-1", None);
    assert!(
        command.contains("AKIDPROCESS") && command.contains("X-Amz-Security-Token=t"),
        "{command}"
    );
    // Without a name in the URL the keys in the environment come first, as in the AWS SDKs.
    let chain = token("dsql://localhost", Some("clinic"));
    assert!(
        chain.contains("AKIDENVIRONMENT") && chain.contains("eu-west-1"),
        "{chain}"
    );
}

#[test]
fn a_missing_or_wrong_url_says_what_to_do() {
    for (arguments, part) in [
        (&["token"][..], "DSQL_URL"),
        (
            &["token", "--url", "dsql://localhost?regoin=x"],
            "did you mean `region`?",
        ),
        (&["token", "--url", "dsql://localhost"], "AWS_REGION"),
        (
            &["token", "--url", "dsql://admin:hunter2@localhost"],
            "holds a password",
        ),
    ] {
        let output = dsql()
            .args(arguments)
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .output()
            .unwrap();
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(1));
        assert!(text.contains(part) && text.lines().count() == 1, "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_command_finds_the_cluster_in_its_environment() {
    let output = dsql()
        .args(["local", "--region", "eu-west-1", "--", "env"])
        .env("AWS_SESSION_TOKEN", "foreign")
        .env("PGHOSTADDR", "192.0.2.1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    let value = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")))
            .unwrap_or_else(|| panic!("{name} is not set"))
    };
    assert_eq!(value("PGHOST"), "localhost");
    assert_eq!(value("PGUSER"), "admin");
    assert_eq!(value("PGDATABASE"), "postgres");
    assert_eq!(value("PGSSLMODE"), "verify-full");
    assert_eq!(value("PGSSLROOTCERT"), value("DSQL_CA_CERT"));
    assert_eq!(value("DSQL_ENDPOINT"), "localhost");
    assert_eq!(value("AWS_REGION"), "eu-west-1");
    assert!(value("DSQL_URL").starts_with(&format!(
        "dsql://admin@localhost:{}/postgres",
        value("PGPORT")
    )));
    assert!(value("PGPASSWORD").starts_with("localhost/?Action=DbConnectAdmin&"));
    assert!(!value("AWS_ACCESS_KEY_ID").is_empty() && !value("AWS_SECRET_ACCESS_KEY").is_empty());
    assert!(!text.contains("AWS_SESSION_TOKEN") && !text.contains("PGHOSTADDR"));
    assert!(gone(Path::new(value("DSQL_CA_CERT"))));
}

#[test]
fn a_command_can_make_its_own_tokens() {
    let output = dsql()
        .args(["local", "--", env!("CARGO_BIN_EXE_dsql"), "token"])
        .output()
        .unwrap();
    assert!(
        stdout(&output).starts_with("localhost/?Action=DbConnectAdmin&"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_exit_status_is_the_commands() {
    for (command, code) in [("exit 7", 7), ("kill -s KILL $$", 137)] {
        let output = run(&["local", "--", "sh", "-c", command]);
        assert_eq!(output.status.code(), Some(code), "{command}");
    }
}

#[test]
fn a_command_that_is_not_there_is_told_from_one_that_fails() {
    let output = run(&["local", "--", "no-such-program"]);
    assert_eq!(output.status.code(), Some(127));
    assert!(
        stderr(&output).contains("no-such-program could not be run"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn faults_tell_the_seed_that_brings_them_again() {
    let rates = "conflict=5%,slow=5%:200ms";
    let output = run(&["local", "--inject", rates, "--", "true"]);
    let drawn = format!("--inject {rates} --seed ");
    assert!(stderr(&output).contains(&drawn), "{}", stderr(&output));
    for (arguments, mistake) in [
        (["--inject", "conflict=5"], "`5` is not a share"),
        (["--job-delay", "soon"], "`soon` is not a length of time"),
        (["--schema-conflicts", "maybe"], "maybe"),
        (["--seed", "1"], "--inject"),
    ] {
        let output = run(&["local", arguments[0], arguments[1], "--", "true"]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(mistake), "{}", stderr(&output));
    }
}

#[test]
fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["local", "--port", &port]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&port), "{}", stderr(&output));
}

#[test]
fn sigterm_ends_the_command_and_all_that_it_started_and_leaves_nothing() {
    // The inner shell does not end by the signal that its parent gets; only its group's reaches it.
    let mut child = dsql()
        .args([
            "local",
            "--",
            "sh",
            "-c",
            "echo $DSQL_CA_CERT; sh -c 'sleep 600; true'; true",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let file = PathBuf::from(first_line(&mut child));
    assert!(file.exists());
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(128 + 15));
    assert!(gone(&file));
}

#[test]
fn without_a_command_it_prints_how_to_connect_until_ctrl_c() {
    let mut child = dsql().arg("local").stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("Programs that read DSQL_URL") {
        assert_ne!(output.read_line(&mut text).unwrap(), 0, "{text}");
    }
    assert!(
        text.starts_with("Local Aurora DSQL cluster on localhost:"),
        "{text}"
    );
    assert!(text.contains("psql 'host=localhost port="), "{text}");
    let file = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("export DSQL_CA_CERT="))
        .unwrap()
        .trim_matches('\'');
    assert!(Path::new(file).exists());
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(gone(Path::new(file)));
}

#[test]
fn data_is_kept_in_a_directory_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for start in ["first", "second"] {
        let output = dsql()
            .args(["local", "--data"])
            .arg(&data)
            .args(["--", "true"])
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{start}: {}",
            stderr(&output)
        );
        assert!(data.exists());
    }
}

#[test]
fn a_status_page_is_told_and_found_in_the_environment() {
    let output = run(&[
        "local",
        "--status",
        "0",
        "--",
        "sh",
        "-c",
        "echo $DSQL_STATUS_URL",
    ]);
    let url = stdout(&output);
    assert!(url.starts_with("http://localhost:"), "{url}");
    let told = format!("status page: {url}");
    assert!(stderr(&output).contains(&told), "{}", stderr(&output));
}

#[test]
fn what_is_logged_is_asked_for_and_holds_no_secret() {
    let script = "echo $AWS_SECRET_ACCESS_KEY; echo \"SELECT 'seen'; TRUNCATE t\" | \"$0\" check - >/dev/null; \
                  echo \"SELECT 'seen'\" | \"$0\" apply -";
    let program = env!("CARGO_BIN_EXE_dsql");
    let output = run(&["local", "--log", "trace", "--", "sh", "-c", script, program]);
    let (told, log) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(0), "{log}");
    for wanted in [
        "session began",
        "user=\"admin\"",
        "SELECT 'seen'",
        "session ended",
    ] {
        assert!(log.contains(wanted), "no {wanted} in {log}");
    }
    let secret = told.lines().next().unwrap();
    assert_eq!(secret.len(), 40);
    assert!(!log.contains(secret) && !log.contains("X-Amz-"), "{log}");
    let quiet = run(&["local", "--", "true"]);
    assert_eq!(stderr(&quiet), "");
    let wrong = run(&["local", "--log", "dsql_local=loud", "--", "true"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("--log dsql_local=loud"));
}

#[tokio::test]
async fn ctrl_c_lets_a_transaction_end_that_is_open() {
    use dsql_connect::{Config, Credentials};
    use dsql_sqlx::{DsqlPool, sqlx};

    let mut child = dsql().arg("local").stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("Programs that read DSQL_URL") {
        assert_ne!(output.read_line(&mut text).unwrap(), 0, "{text}");
    }
    let value = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(&format!("export {name}=")));
        line.unwrap().trim_matches('\'')
    };
    let mut config: Config = value("DSQL_URL").parse().unwrap();
    let (id, key) = (value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"));
    config
        .sslrootcert(value("DSQL_CA_CERT"))
        .credentials(Credentials::from_keys(id, key, None));
    let pool = DsqlPool::connect_with(config.clone()).await.unwrap();
    let mut tx = pool.begin().await.unwrap();
    sqlx::query("SELECT 1").execute(&mut *tx).await.unwrap();
    signal(&child, "INT");
    while DsqlPool::connect_with(config.clone()).await.is_ok() {}
    sqlx::query("SELECT 2").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
