"""Owners have pets, pets have visits, vets have specialties. Nothing here is about Aurora DSQL."""

from __future__ import annotations

import enum
import uuid

from tortoise import fields
from tortoise.models import Model


class Species(str, enum.Enum):
    CAT = "cat"
    DOG = "dog"
    PARROT = "parrot"


class Owner(Model):
    name = fields.CharField(max_length=80)
    city = fields.CharField(max_length=80, db_index=True)
    pets: fields.ReverseRelation[Pet]


class Pet(Model):
    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    name = fields.CharField(max_length=80)
    species = fields.CharEnumField(Species)
    born = fields.DateField(null=True)
    notes = fields.JSONField(default=dict)
    owner = fields.ForeignKeyField("clinic.Owner", related_name="pets", on_delete=fields.CASCADE)
    visits: fields.ReverseRelation[Visit]

    class Meta:
        unique_together = (("owner", "name"),)


class Vet(Model):
    name = fields.CharField(max_length=80)
    # Free appointments today.
    free = fields.IntField()
    specialties = fields.ManyToManyField("clinic.Specialty", related_name="vets")


class Specialty(Model):
    name = fields.CharField(max_length=80, unique=True)


class Visit(Model):
    pet = fields.ForeignKeyField("clinic.Pet", related_name="visits", on_delete=fields.CASCADE)
    vet = fields.ForeignKeyField("clinic.Vet", related_name="visits", on_delete=fields.RESTRICT)
    at = fields.DatetimeField(auto_now_add=True)
    reason = fields.TextField()
    price = fields.DecimalField(max_digits=8, decimal_places=2)
