from __future__ import annotations

import asyncio
from typing import Any

import tortoise_zoo as models
from tortoise_zoo import Owner, Pet


def test_rows_are_made_read_changed_and_deleted(connected: Any) -> None:
    async def work() -> None:
        async with connected(models):
            ada = await Owner.create(name="Ada")
            pet = await Pet.create(name="Rex", owner=ada, facts={"legs": 4})
            assert pet.id > 0
            await Pet.filter(id=pet.id).update(name="Max")
            await pet.refresh_from_db()
            assert pet.name == "Max"
            assert [each.name async for each in ada.pets] == ["Max"]
            await pet.delete()
            assert not await Pet.exists()

    asyncio.run(work())
