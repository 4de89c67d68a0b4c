//! The command as a person uses it: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

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
fn a_script_that_needs_no_change_is_printed_byte_for_byte() {
    let output = run_on("select 1 -- as it is\n", &["translate"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "select 1 -- as it is\n");
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
        &["rules", "none"],
        &["nonsense"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!stderr(&output).is_empty());
    }
}

#[test]
fn a_check_prints_the_services_words() {
    let output = run_on("select 1;\ntruncate pet;", &["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stdout(&output),
        "<stdin>:2:1: 0A000: unsupported statement: Truncate [truncate]\n"
    );
    assert_eq!(run_on("select 1;", &["lint"]).status.code(), Some(0));
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
