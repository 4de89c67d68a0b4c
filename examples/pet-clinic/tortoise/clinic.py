"""What happens at the clinic on a day."""

from __future__ import annotations

import asyncio
import datetime
from decimal import Decimal
from typing import Any

from aurora_dsql_tortoise import retry_on_conflict, run_in_transaction
from models import Owner, Pet, Specialty, Species, Vet, Visit
from tortoise.functions import Coalesce, Count, Sum
from tortoise.transactions import atomic


class FullyBookedError(Exception):
    """No vet is free any more today."""


async def day() -> None:
    await run_in_transaction(open_the_doors)
    pets = await run_in_transaction(register)
    print(f"{len(pets)} pets are registered")

    # Five want an appointment at the same moment, and there are four. Whoever is second tries again.
    booked = await asyncio.gather(*(call(pets[number % len(pets)]) for number in range(5)))
    print(f"{booked.count(True)} of {len(booked)} calls got an appointment")

    await report()


async def open_the_doors(_connection: Any) -> None:
    teeth, bones = await Specialty.create(name="teeth"), await Specialty.create(name="bones")
    weiss, nunez = await Vet.create(name="Dr. Weiss", free=2), await Vet.create(name="Dr. Nunez", free=2)
    await weiss.specialties.add(teeth, bones)
    await nunez.specialties.add(bones)


async def register(_connection: Any) -> list[Pet]:
    ann, bo = await Owner.create(name="Ann", city="Bonn"), await Owner.create(name="Bo", city="Lima")
    return [
        await Pet.create(
            name="Rex", species=Species.DOG, born=datetime.date(2021, 5, 1), notes={"likes": "balls"}, owner=ann
        ),
        await Pet.create(name="Mia", species=Species.CAT, owner=ann),
        await Pet.create(name="Polly", species=Species.PARROT, owner=bo),
    ]


async def call(pet: Pet) -> bool:
    try:
        await book(pet)
    except FullyBookedError:
        return False
    return True


@retry_on_conflict
@atomic()
async def book(pet: Pet) -> None:
    vet = await Vet.filter(free__gt=0).order_by("-free", "id").select_for_update().first()
    if vet is None:
        raise FullyBookedError
    vet.free -= 1
    await vet.save(update_fields=["free"])
    await Visit.create(pet=pet, vet=vet, reason="check-up", price=Decimal("40.00"))


async def report() -> None:
    for vet in await Vet.all().order_by("name").prefetch_related("specialties"):
        specialties = ", ".join(sorted(each.name for each in vet.specialties))
        print(f"{vet.name} ({specialties}): {vet.free} appointments left")
    spent = Owner.annotate(visits=Count("pets__visits"), price=Coalesce(Sum("pets__visits__price"), 0))
    for owner in await spent.order_by("name").values("name", "visits", "price"):
        print(f"{owner['name']}: {owner['visits']} visits, {owner['price']}")
    players = await Pet.filter(notes__filter={"likes": "balls"}).values_list("name", flat=True)
    print(f"Likes balls: {', '.join(str(name) for name in players)}")
