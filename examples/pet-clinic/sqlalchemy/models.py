"""Owners have pets, pets have visits, vets have specialties. Nothing here is about Aurora DSQL."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid

from sqlalchemy import Column, Enum, ForeignKey, Index, Numeric, String, Table, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Species(enum.Enum):
    CAT = "cat"
    DOG = "dog"
    PARROT = "parrot"


vet_specialty = Table(
    "vet_specialty",
    Base.metadata,
    Column("vet_id", ForeignKey("vet.id", ondelete="CASCADE"), primary_key=True),
    Column("specialty_id", ForeignKey("specialty.id"), primary_key=True),
)


class Owner(Base):
    __tablename__ = "owner"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    city: Mapped[str] = mapped_column(String(80), index=True)
    pets: Mapped[list[Pet]] = relationship(back_populates="owner", cascade="all, delete-orphan", passive_deletes=True)


class Pet(Base):
    __tablename__ = "pet"
    __table_args__ = (Index("one_name_an_owner", "owner_id", "name", unique=True),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    name: Mapped[str] = mapped_column(String(80))
    species: Mapped[Species] = mapped_column(Enum(Species, name="species"))
    born: Mapped[datetime.date | None]
    notes: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id", ondelete="CASCADE"))
    owner: Mapped[Owner] = relationship(back_populates="pets")
    visits: Mapped[list[Visit]] = relationship(back_populates="pet", cascade="all, delete-orphan", passive_deletes=True)


class Vet(Base):
    __tablename__ = "vet"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    # Free appointments today.
    free: Mapped[int]
    specialties: Mapped[list[Specialty]] = relationship(secondary=vet_specialty, order_by="Specialty.name")
    visits: Mapped[list[Visit]] = relationship(back_populates="vet")


class Specialty(Base):
    __tablename__ = "specialty"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Visit(Base):
    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    pet_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pet.id", ondelete="CASCADE"), index=True)
    vet_id: Mapped[int] = mapped_column(ForeignKey("vet.id"))
    at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
    reason: Mapped[str]
    price: Mapped[decimal.Decimal] = mapped_column(Numeric(8, 2))
    pet: Mapped[Pet] = relationship(back_populates="visits")
    vet: Mapped[Vet] = relationship(back_populates="visits")


# Owners look for their pets by what they call them.
Index("pet_by_name", func.lower(Pet.__table__.c.name))
