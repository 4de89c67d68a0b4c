"""What happens at the clinic on a day."""

from __future__ import annotations

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from aurora_dsql_sqlalchemy import retry_on_conflict, run_in_transaction
from models import Owner, Pet, Specialty, Species, Vet, Visit
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, selectinload


class FullyBookedError(Exception):
    """No vet is free any more today."""


def day(engine: Engine) -> None:
    run_in_transaction(engine, open_the_doors)
    pets = run_in_transaction(engine, register)
    print(f"{len(pets)} pets are registered")

    # Five want an appointment at the same moment, and there are four. Whoever is second tries again.
    with ThreadPoolExecutor(5) as phone:
        booked = list(phone.map(lambda number: call(engine, pets[number % len(pets)]), range(5)))
    print(f"{booked.count(True)} of {len(booked)} calls got an appointment")

    with Session(engine) as session:
        report(session)


def open_the_doors(session: Session) -> None:
    teeth, bones = Specialty(name="teeth"), Specialty(name="bones")
    session.add(Vet(name="Dr. Weiss", free=2, specialties=[teeth, bones]))
    session.add(Vet(name="Dr. Nunez", free=2, specialties=[bones]))


def register(session: Session) -> list[uuid.UUID]:
    ann = Owner(
        name="Ann",
        city="Bonn",
        pets=[
            Pet(name="Rex", species=Species.DOG, born=datetime.date(2021, 5, 1), notes={"likes": "balls"}),
            Pet(name="Mia", species=Species.CAT),
        ],
    )
    bo = Owner(name="Bo", city="Lima", pets=[Pet(name="Polly", species=Species.PARROT)])
    session.add_all([ann, bo])
    session.flush()
    return [pet.id for owner in (ann, bo) for pet in owner.pets]


def call(engine: Engine, pet_id: uuid.UUID) -> bool:
    @retry_on_conflict(engine)
    def book(session: Session) -> None:
        vet = session.scalars(select(Vet).where(Vet.free > 0).order_by(Vet.free.desc(), Vet.id).limit(1)).first()
        if vet is None:
            raise FullyBookedError
        vet.free -= 1
        session.add(Visit(pet_id=pet_id, vet=vet, reason="check-up", price=Decimal("40.00")))

    try:
        book()
    except FullyBookedError:
        return False
    return True


def report(session: Session) -> None:
    for vet in session.scalars(select(Vet).options(selectinload(Vet.specialties)).order_by(Vet.name)):
        print(f"{vet.name} ({', '.join(each.name for each in vet.specialties)}): {vet.free} appointments left")
    spent = (
        select(Owner.name, func.count(Visit.id), func.coalesce(func.sum(Visit.price), 0))
        .outerjoin(Owner.pets)
        .outerjoin(Pet.visits)
        .group_by(Owner.name)
        .order_by(Owner.name)
    )
    for name, visits, price in session.execute(spent):
        print(f"{name}: {visits} visits, {price}")
    players = select(Pet.name).where(Pet.notes["likes"].astext == "balls")
    print(f"Likes balls: {', '.join(session.scalars(players))}")
