"""A clinic, as an application that knows PostgreSQL only would declare it."""

from __future__ import annotations

import datetime
import uuid

from sqlalchemy import Column, Enum, ForeignKey, Index, Table, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


vet_specialty = Table(
    "vet_specialty",
    Base.metadata,
    Column("vet_id", ForeignKey("vet.id"), primary_key=True),
    Column("specialty_id", ForeignKey("specialty.id"), primary_key=True),
)


class Owner(Base):
    __tablename__ = "owner"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    city: Mapped[str | None]
    pets: Mapped[list[Pet]] = relationship(back_populates="owner", cascade="all, delete-orphan")


class Pet(Base):
    __tablename__ = "pet"
    __table_args__ = (Index("one_name_an_owner", "owner_id", "name", unique=True),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    name: Mapped[str]
    species: Mapped[str] = mapped_column(Enum("cat", "dog", name="species"))
    notes: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    born: Mapped[datetime.date | None]
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id", ondelete="CASCADE"))
    owner: Mapped[Owner] = relationship(back_populates="pets")
    visits: Mapped[list[Visit]] = relationship(back_populates="pet")


class Visit(Base):
    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    pet_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pet.id"))
    at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
    pet: Mapped[Pet] = relationship(back_populates="visits")


class Vet(Base):
    __tablename__ = "vet"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    specialties: Mapped[list[Specialty]] = relationship(secondary=vet_specialty)


class Specialty(Base):
    __tablename__ = "specialty"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
