//! A day at the clinic.

use dsql_sea_orm::{Dsql, ErrorExt as _};
use sea_orm::sea_query::OnConflict;
use sea_orm::{DbErr, PaginatorTrait as _, QueryOrder as _, entity::*};
use serde_json::json;
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::entity::{owner, pet, specialty, vet, vet_specialty, visit};
use crate::report;

pub async fn day(db: &Dsql) -> Result<(), DbErr> {
    let vet = hire(db).await?;
    let visit = admit(db, vet).await?;
    charge_twice(db, visit).await?;
    refuse_a_duplicate(db).await?;
    list_pets(db).await
}

/// Many to many, and an upsert.
async fn hire(db: &Dsql) -> Result<Uuid, DbErr> {
    for (name, rate) in [
        ("surgery", 18_000),
        ("dentistry", 12_000),
        ("surgery", 20_000),
    ] {
        specialty::Entity::insert(specialty::ActiveModel {
            name: Set(name.into()),
            rate: Set(rate),
            ..Default::default()
        })
        .on_conflict(
            OnConflict::column(specialty::Column::Name)
                .update_column(specialty::Column::Rate)
                .to_owned(),
        )
        .exec(db)
        .await?;
    }
    let specialties = specialty::Entity::find().order_by_id_asc().all(db).await?;

    let vet = vet::ActiveModel {
        id: Set(Uuid::new_v4()),
        name: Set("Dr. Okafor".into()),
    };
    let vet = vet.insert(db).await?;
    vet_specialty::Entity::insert_many(specialties.iter().map(|one| vet_specialty::ActiveModel {
        vet_id: Set(vet.id),
        specialty_id: Set(one.id),
    }))
    .exec(db)
    .await?;

    let vets = vet::Entity::load().with(specialty::Entity).all(db).await?;
    report::table(
        "Vets with their specialties (an upsert raised the rate of surgery)",
        ["vet", "specialties"],
        vets.into_iter().map(|vet| {
            let specialties = vet.specialties.iter();
            let text = specialties.map(|one| format!("{} {}", one.name, euros(one.rate)));
            [vet.name, text.collect::<Vec<_>>().join(", ")]
        }),
    );
    Ok(vet.id)
}

/// A nested save: an owner, her pets and a visit at once. SeaORM nests a
/// transaction for each level; here they join into one.
async fn admit(db: &Dsql, vet: Uuid) -> Result<Uuid, DbErr> {
    let visit = visit::ActiveModel::builder()
        .set_vet_id(vet)
        .set_charge(4_000)
        .set_findings(json!({ "weight": 31.5, "limps": true }));
    let pet = |name: &str, species: &str| {
        pet::ActiveModel::builder()
            .set_name(name)
            .set_species(species)
    };
    owner::ActiveModel::builder()
        .set_name("Ada")
        .set_email("ada@example.org")
        .add_pet(pet("Rex", "dog").add_visit(visit))
        .add_pet(pet("Tibbles", "cat"))
        .add_pet(pet("Polly", "parrot"))
        .save(db)
        .await?;

    let owners = owner::Entity::load()
        .with((pet::Entity, visit::Entity))
        .all(db)
        .await?;
    let mut id = Uuid::nil();
    let mut rows = Vec::new();
    for owner in owners {
        for pet in owner.pets {
            let findings = pet.visits.iter().map(|visit| visit.findings.to_string());
            rows.push([owner.name.clone(), pet.name.clone(), findings.collect()]);
            id = pet.visits.iter().map(|visit| visit.id).next().unwrap_or(id);
        }
    }
    report::table(
        "Admitted by one nested save",
        ["owner", "pet", "findings"],
        rows,
    );
    Ok(id)
}

/// Two tasks read a visit at once and each adds to its charge. The second to
/// commit meets a conflict and is run again, so neither addition is lost.
async fn charge_twice(db: &Dsql, visit: Uuid) -> Result<(), DbErr> {
    let both_have_read = Barrier::new(2);
    let charge = async |what: &'static str, cents: i64| {
        let mut attempts = 0;
        let charged = db
            .transact_async(async |tx| {
                attempts += 1;
                let visit = visit::Entity::find_by_id(visit).one(tx).await?;
                let visit = visit.ok_or(DbErr::RecordNotFound("the visit".into()))?;
                if attempts == 1 {
                    both_have_read.wait().await;
                }
                let sum = visit.charge + cents;
                let mut visit = visit.into_active_model();
                visit.charge = Set(sum);
                visit.update(tx).await
            })
            .await?;
        Ok::<_, DbErr>([
            what.into(),
            euros(cents),
            attempts.to_string(),
            euros(charged.charge),
        ])
    };
    let (x_ray, bandage) = tokio::try_join!(charge("x-ray", 8_500), charge("bandage", 1_250))?;
    report::table(
        "Two tasks charge one visit of 40.00 at once",
        ["for", "added", "attempts", "charge then"],
        [x_ray, bandage],
    );
    Ok(())
}

/// Errors arrive as SeaORM's own, and can be told apart.
async fn refuse_a_duplicate(db: &Dsql) -> Result<(), DbErr> {
    let twin = owner::ActiveModel {
        name: Set("Ada's twin".into()),
        email: Set("ada@example.org".into()),
        ..Default::default()
    };
    let error = match twin.insert(db).await {
        Ok(_) => return Err(DbErr::Custom("the unique key let a duplicate in".into())),
        Err(error) => error,
    };
    let sql_err = error.sql_err().map(|error| error.to_string());
    report::table(
        "A second owner with the same email",
        ["SQLSTATE", "class", "SeaORM's own word for it"],
        [[
            error.sqlstate().unwrap_or_default().into_owned(),
            format!("{:?}", error.class()),
            sql_err.unwrap_or_default(),
        ]],
    );
    Ok(())
}

/// Page by page.
async fn list_pets(db: &Dsql) -> Result<(), DbErr> {
    let pages = pet::Entity::find()
        .order_by_asc(pet::Column::Name)
        .paginate(db, 2);
    let mut rows = Vec::new();
    for page in 0..pages.num_pages().await? {
        for pet in pages.fetch_page(page).await? {
            rows.push([(page + 1).to_string(), pet.name, pet.species]);
        }
    }
    report::table("Pets, two a page", ["page", "name", "species"], rows);
    Ok(())
}

fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
