"""An application on Aurora DSQL, on each driver."""

from __future__ import annotations

import datetime

import pytest
import sqlalchemy as sa
from sa_models import Base, Owner, Pet, Specialty, Vet, Visit
from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload


@pytest.fixture
def clinic(engine: Engine, engines: object) -> Engine:
    engines.run(Base.metadata.create_all, engine)
    return engine


def test_owners_and_pets_are_stored_and_found(engine: Engine, clinic: Engine) -> None:
    with Session(engine) as session:
        ann = Owner(name="Ann", city="Bonn")
        ann.pets = [
            Pet(name="Rex", species="dog", notes={"likes": "balls"}, born=datetime.date(2024, 2, 29)),
            Pet(name="Mia", species="cat"),
        ]
        ann.pets[0].visits = [Visit(), Visit()]
        session.add(ann)
        session.add(Vet(name="Eve", specialties=[Specialty(name="teeth"), Specialty(name="bones")]))
        session.commit()
    with Session(engine) as session:
        rex = session.scalars(select(Pet).where(Pet.notes["likes"].astext == "balls")).one()
        assert (rex.name, rex.born, rex.owner.name, len(rex.visits)) == ("Rex", datetime.date(2024, 2, 29), "Ann", 2)
        vet = session.scalars(select(Vet).options(selectinload(Vet.specialties))).one()
        assert sorted(each.name for each in vet.specialties) == ["bones", "teeth"]


def test_many_rows_get_their_keys_in_one_statement(engine: Engine, clinic: Engine) -> None:
    with Session(engine) as session:
        owners = [Owner(name=f"owner {number}") for number in range(500)]
        session.add_all(owners)
        session.commit()
        named = dict(session.execute(select(Owner.name, Owner.id)).all())
        assert {owner.name: owner.id for owner in owners} == named
        assert len(set(named.values())) == 500


def test_an_upsert_inserts_or_updates(engine: Engine, clinic: Engine) -> None:
    upsert = (
        insert(Specialty)
        .values(name="teeth")
        .on_conflict_do_update(index_elements=["name"], set_={"name": "teeth and gums"})
    )
    with Session(engine) as session:
        session.execute(upsert)
        session.execute(upsert)
        session.commit()
        assert session.scalars(select(Specialty.name)).all() == ["teeth and gums"]


def test_updates_and_deletes_say_how_many_rows(engine: Engine, clinic: Engine) -> None:
    with Session(engine) as session:
        session.add_all([Owner(name="Ann"), Owner(name="Bob")])
        session.commit()
        assert session.execute(sa.update(Owner).values(city="Bonn")).rowcount == 2
        returned = session.scalars(sa.delete(Owner).where(Owner.name == "Ann").returning(Owner.name)).all()
        assert returned == ["Ann"]
        session.commit()


def test_children_go_with_their_parent(engine: Engine, clinic: Engine) -> None:
    with Session(engine) as session:
        session.add(Owner(name="Ann", pets=[Pet(name="Rex", species="dog")]))
        session.commit()
        session.execute(sa.delete(Owner))
        session.commit()
        assert session.scalar(select(sa.func.count()).select_from(Pet)) == 0


def test_a_reference_to_nothing_is_refused_by_the_database(engine: Engine, clinic: Engine) -> None:
    with Session(engine) as session:
        session.add(Pet(name="Rex", species="dog", owner_id=4711))
        with pytest.raises(sa.exc.IntegrityError, match="foreign key"):
            session.commit()


def test_an_enum_takes_its_labels_only(engine: Engine, clinic: Engine) -> None:
    with Session(engine) as session:
        session.add(Owner(name="Ann"))
        session.flush()
        owner_id = session.scalars(select(Owner.id)).one()
        values = sa.text("INSERT INTO pet (name, species, owner_id) VALUES ('Rex', 'bird', :owner)")
        with pytest.raises(sa.exc.IntegrityError, match="check constraint"):
            session.execute(values, {"owner": owner_id})


@pytest.mark.parametrize(
    ("options", "clause"),
    [
        ({}, "FOR UPDATE"),
        ({"read": True}, "FOR UPDATE"),
        ({"key_share": True}, "FOR UPDATE"),
        ({"read": True, "key_share": True}, "FOR KEY SHARE"),
        ({"read": True, "nowait": True}, "FOR UPDATE NOWAIT"),
        ({"skip_locked": True}, "FOR UPDATE SKIP LOCKED"),
        ({"of": Owner, "read": True}, "FOR UPDATE OF owner"),
    ],
)
def test_rows_are_locked_as_strongly_as_asked(
    engine: Engine, clinic: Engine, options: dict[str, object], clause: str
) -> None:
    query = select(Owner.id).with_for_update(**options)
    assert str(query.compile(engine)).endswith(clause)
    with Session(engine) as session:
        assert session.scalars(query).all() == []


def test_joins_windows_and_lists_work(engine: Engine, clinic: Engine) -> None:
    with Session(engine) as session:
        session.add(Owner(name="Ann", pets=[Pet(name="Rex", species="dog"), Pet(name="Mia", species="cat")]))
        session.commit()
        numbered = select(Pet.name, sa.func.row_number().over(order_by=Pet.name)).join(Owner)
        assert session.execute(numbered).all() == [("Mia", 1), ("Rex", 2)]
        assert sorted(session.scalar(select(sa.func.array_agg(Pet.name)))) == ["Mia", "Rex"]
        assert session.scalars(
            select(Pet.name).where(Pet.name == sa.any_(sa.literal(["Rex"], sa.ARRAY(sa.String))))
        ).all()


def test_streamed_rows_are_all_there(engine: Engine, clinic: Engine) -> None:
    with Session(engine) as session:
        session.add_all([Owner(name=f"owner {number}") for number in range(120)])
        session.commit()
        rows = session.execute(select(Owner.name).execution_options(stream_results=True, yield_per=50))
        assert len(rows.all()) == 120
