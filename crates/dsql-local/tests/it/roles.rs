//! Roles besides `admin`: who may be one, by AWS IAM GRANT.

use std::time::SystemTime;

use dsql_connect::Action;
use dsql_local::LocalCluster;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::support::{Ask, Fixture, access_denied, refusal};

const ARN: &str = "arn:aws:iam::012345678912:role/example";

/// A cluster with a role that an identity was granted to, and `admin`'s session.
async fn mapped() -> (Fixture, Client) {
    // What others change of the catalog is no matter here.
    let builder = LocalCluster::builder().schema_conflicts(false);
    let fixture = Fixture {
        cluster: builder.start().await.unwrap(),
    };
    let admin = fixture.client().await;
    admin.rows("CREATE ROLE example WITH LOGIN").await;
    admin
        .rows(&format!("AWS IAM GRANT example TO '{ARN}'"))
        .await;
    (fixture, admin)
}

#[tokio::test]
async fn a_role_that_was_granted_to_an_identity_may_come_in() {
    let (fixture, admin) = mapped().await;
    let client = fixture.client_as("example").await.unwrap();
    assert_eq!(client.rows("SELECT current_user").await, ["example"]);
    assert_eq!(
        client.refused("CREATE ROLE another").await.0,
        "42501",
        "it is not admin"
    );
    let in_public = client
        .refused("CREATE TABLE pet (id int PRIMARY KEY)")
        .await;
    assert_eq!(in_public.1, "permission denied for schema public");
    admin.rows("CREATE SCHEMA clinic").await;
    admin
        .rows("GRANT USAGE, CREATE ON SCHEMA clinic TO example")
        .await;
    client
        .rows("CREATE TABLE clinic.pet (id int PRIMARY KEY)")
        .await;
}

#[tokio::test]
async fn a_role_without_a_mapping_is_not_let_in_and_not_told_why() {
    let fixture = Fixture::start().await;
    let admin = fixture.client().await;
    admin.rows("CREATE ROLE example WITH LOGIN").await;
    let refused = fixture.client_as("example").await.err().unwrap();
    assert_eq!(refusal(&refused), access_denied("28000"));
    assert_eq!(refused.as_db_error().unwrap().hint(), None);
}

#[tokio::test]
async fn a_role_needs_a_token_of_its_own_action() {
    let (fixture, _admin) = mapped().await;
    let admins = fixture.token(
        "localhost",
        "us-east-1",
        Action::DbConnectAdmin,
        SystemTime::now(),
    );
    let mut config = fixture.config();
    config.user("example").password(admins);
    let refused = fixture.try_client(&config).await.err().unwrap();
    assert_eq!(refusal(&refused), access_denied("08006"));
    assert_eq!(
        refused.as_db_error().unwrap().hint(),
        Some("Wrong user to action mapping. user: example, action: DbConnectAdmin")
    );
}

#[tokio::test]
async fn the_mappings_are_listed() {
    let (_fixture, admin) = mapped().await;
    let listed = admin
        .rows(
            "SELECT arn, pg_role_name, grantor_pg_role_name, pg_role_oid = 'example'::regrole, \
             grantor_pg_role_oid = 'admin'::regrole, iam_oid > pg_role_oid FROM sys.iam_pg_role_mappings",
        )
        .await;
    assert_eq!(listed, [format!("{ARN}|example|admin|t|t|t")]);
    admin.rows("ALTER ROLE example RENAME TO other").await;
    let names = "SELECT pg_role_name FROM sys.iam_pg_role_mappings";
    assert_eq!(admin.rows(names).await, ["other"]);
    admin
        .rows(&format!("AWS IAM REVOKE other FROM '{ARN}'"))
        .await;
    assert_eq!(admin.rows(names).await, [""; 0]);
}

#[tokio::test]
async fn a_role_is_dropped_only_when_its_last_mapping_is_revoked() {
    let (_fixture, admin) = mapped().await;
    let user = "arn:aws:iam::012345678912:user/kim";
    admin
        .rows(&format!("AWS IAM GRANT \"example\" TO '{user}'"))
        .await;
    for arn in [ARN, user] {
        assert_eq!(
            admin.refused("DROP ROLE example").await,
            (
                "2BP01".to_owned(),
                "role \"example\" cannot be dropped because some objects depend on it".to_owned()
            )
        );
        admin
            .rows(&format!("AWS IAM REVOKE example FROM '{arn}'"))
            .await;
    }
    admin.rows("DROP ROLE example").await;
}

#[tokio::test]
async fn a_session_lives_on_but_begins_no_transaction_once_its_mapping_is_revoked() {
    let (fixture, admin) = mapped().await;
    let client = fixture.client_as("example").await.unwrap();
    let prepared = client.prepare("SELECT 1").await.unwrap();
    client.rows("BEGIN").await;
    assert_eq!(client.rows("SELECT 1").await, ["1"]);
    admin
        .rows(&format!("AWS IAM REVOKE example FROM '{ARN}'"))
        .await;
    assert_eq!(client.rows("SELECT 2").await, ["2"]);
    client.rows("COMMIT").await;
    assert_eq!(client.refused("BEGIN").await, access_denied("28000"));
    assert_eq!(client.refused("SELECT 1").await, access_denied("28000"));
    let refused = client.query(&prepared, &[]).await.unwrap_err();
    assert_eq!(refusal(&refused), access_denied("28000"));
    admin
        .rows(&format!("AWS IAM GRANT example TO '{ARN}'"))
        .await;
    assert_eq!(client.rows("SELECT 3").await, ["3"]);
    assert_eq!(client.query(&prepared, &[]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_admin_grants_and_only_what_can_be_granted() {
    let (fixture, admin) = mapped().await;
    let client = fixture.client_as("example").await.unwrap();
    let denied = (
        "42501".to_owned(),
        "permission denied to grant IAM trust with role \"example\"".to_owned(),
    );
    for sql in [
        format!("AWS IAM GRANT example TO '{ARN}2'"),
        format!("AWS IAM REVOKE example FROM '{ARN}'"),
    ] {
        assert_eq!(client.refused(&sql).await, denied);
    }
    admin.rows("CREATE ROLE clerks").await;
    for (sql, sqlstate, message) in [
        (
            format!("AWS IAM GRANT nobody TO '{ARN}'"),
            "42704",
            "role \"nobody\" does not exist",
        ),
        (
            format!("AWS IAM GRANT clerks TO '{ARN}'"),
            "55000",
            "role \"clerks\" must have the LOGIN attribute",
        ),
        (
            "AWS IAM GRANT example TO 'example'".to_owned(),
            "22023",
            "IAM role must look like an IAM ARN",
        ),
    ] {
        let refused = admin.simple_query(&sql).await.unwrap_err();
        assert_eq!(refusal(&refused), (sqlstate.to_owned(), message.to_owned()));
        let told = refused.as_db_error().unwrap();
        assert_eq!(told.where_(), None, "nothing of the cluster's own shows");
    }
    let revoked = admin
        .refused(&format!("AWS IAM REVOKE example FROM '{ARN}2'"))
        .await;
    assert_eq!(revoked.0, "42704");
}

#[tokio::test]
async fn a_grant_is_ddl_and_goes_with_its_transaction() {
    let (_fixture, admin) = mapped().await;
    let another = format!("AWS IAM GRANT example TO '{ARN}2'");
    let count = "SELECT count(*) FROM sys.iam_pg_role_mappings";
    admin.rows("BEGIN").await;
    admin.rows(&another).await;
    assert_eq!(
        admin.refused("CREATE TABLE t (id int PRIMARY KEY)").await.1,
        "multiple ddl statements not supported in a transaction"
    );
    admin.rows("ROLLBACK").await;
    assert_eq!(admin.rows(count).await, ["1"]);
    // By either protocol it answers no rows, and a tag.
    let messages = admin.simple_query(&another).await.unwrap();
    assert!(matches!(
        messages.as_slice(),
        [SimpleQueryMessage::CommandComplete(0)]
    ));
    let prepared = admin
        .prepare(&format!("AWS IAM REVOKE example FROM '{ARN}2'"))
        .await
        .unwrap();
    assert!(prepared.columns().is_empty());
    assert_eq!(admin.execute(&prepared, &[]).await.unwrap(), 0);
    assert_eq!(admin.rows(count).await, ["1"]);
}

#[tokio::test]
async fn a_role_without_login_is_told_so() {
    let fixture = Fixture::start().await;
    fixture.client().await.rows("CREATE ROLE clerks").await;
    let refused = fixture.client_as("clerks").await.err().unwrap();
    assert_eq!(
        refusal(&refused).1,
        "role \"clerks\" must have the LOGIN attribute"
    );
}

#[tokio::test]
async fn admin_stays_as_it_is() {
    let fixture = Fixture::start().await;
    let admin = fixture.client().await;
    for sql in [
        "ALTER ROLE admin NOLOGIN",
        "alter user \"admin\" WITH NOCREATEROLE",
        "ALTER ROLE admin RENAME TO boss",
    ] {
        assert_eq!(
            admin.refused(sql).await,
            (
                "0A000".to_owned(),
                "feature not supported on system entity".to_owned()
            )
        );
    }
    admin.rows("CREATE ROLE administrator LOGIN").await;
    admin.rows("ALTER ROLE administrator NOLOGIN").await;
    fixture.client().await.rows("SELECT 1").await;
}
