//! What goes on there.

use dsql_sqlx::{DsqlPool, Error};
use uuid::Uuid;

pub async fn day(pool: &DsqlPool) -> anyhow::Result<()> {
    let ada = register(pool, "Ada", "ada@example.com").await?;
    let rex = arrive(pool, ada, "Rex").await?;
    let tom = arrive(pool, ada, "Tom").await?;

    // Two at a time for the same pet: one of them meets a conflict, and is run again.
    let (first, second) = tokio::join!(visit(pool, rex, "a cold"), visit(pool, rex, "a thorn"));
    println!("Rex was here {} times", first?.max(second?));
    visit(pool, tom, "a look").await?;

    // More than a transaction may change.
    let history = (0..7000).map(move |n| (tom, format!("visit {n} of the old files")));
    let report = pool
        .in_batches(history)
        .insert(
            "INSERT INTO visit (pet_id, reason)",
            2,
            |mut row, (pet, reason)| {
                row.push_bind(*pet).push_bind(reason.clone());
            },
        )
        .await?;
    println!(
        "{} old visits in {} transactions",
        report.rows, report.batches
    );

    for pet in pets(pool).await? {
        println!(
            "{} of {}: {} visits on file",
            pet.name, pet.owner, pet.on_file
        );
    }
    Ok(())
}

async fn register(pool: &DsqlPool, name: &str, email: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        "INSERT INTO owner (name, email) VALUES ($1, $2) RETURNING id",
        name,
        email
    )
    .fetch_one(pool)
    .await
}

async fn arrive(pool: &DsqlPool, owner: i64, name: &str) -> Result<Uuid, sqlx::Error> {
    sqlx::query_scalar!(
        "INSERT INTO pet (owner_id, name) VALUES ($1, $2) RETURNING id",
        owner,
        name
    )
    .fetch_one(pool)
    .await
}

/// Answers how often the pet was here.
async fn visit(pool: &DsqlPool, pet: Uuid, reason: &str) -> Result<i32, Error> {
    pool.transact_async(async |tx| {
        sqlx::query!(
            "INSERT INTO visit (pet_id, reason) VALUES ($1, $2)",
            pet,
            reason
        )
        .execute(&mut *tx)
        .await?;
        let visits = sqlx::query_scalar!(
            "UPDATE pet SET visits = visits + 1 WHERE id = $1 RETURNING visits",
            pet
        )
        .fetch_one(tx)
        .await?;
        Ok(visits)
    })
    .await
}

struct Pet {
    name: String,
    owner: String,
    on_file: i64,
}

async fn pets(pool: &DsqlPool) -> Result<Vec<Pet>, sqlx::Error> {
    sqlx::query_as!(
        Pet,
        r#"SELECT pet.name, owner.name AS owner, count(visit.id) AS "on_file!"
           FROM pet JOIN owner ON owner.id = pet.owner_id LEFT JOIN visit ON visit.pet_id = pet.id
           GROUP BY pet.id, pet.name, owner.name ORDER BY pet.name"#
    )
    .fetch_all(pool)
    .await
}
