"""With foreign_keys="omit" and check_foreign_keys: what a constraint would have refused, asked for by statements.

Two transactions at once can pass by each other's checks: only a constraint is sure.
"""

# The hooks of Tortoise are protected, and partly without types.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAbstractUsage=false, reportMissingTypeStubs=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise.exceptions import IntegrityError

from ._settings import Options

if TYPE_CHECKING:
    from tortoise.backends.base_postgres.executor import BasePostgresExecutor as _Base
else:
    _Base = object


class DsqlExecutor(_Base):
    """A mixin before the executor of a driver."""

    async def execute_insert(self, instance: Any) -> None:
        await self._check_what_it_refers_to(instance, None)
        await super().execute_insert(instance)

    async def execute_update(self, instance: Any, update_fields: Any) -> int:
        await self._check_what_it_refers_to(instance, update_fields)
        return await super().execute_update(instance, update_fields)

    async def execute_delete(self, instance: Any) -> int:
        await self._check_who_refers_to_it(instance)
        return await super().execute_delete(instance)

    async def _check_what_it_refers_to(self, instance: Any, only: Any) -> None:
        if not self._checks():
            return
        meta: Any = self.model._meta
        for name in sorted(meta.fk_fields | meta.o2o_fields):
            field = meta.fields_map[name]
            value = getattr(instance, field.source_field)
            if value is None or (only and not {name, field.source_field} & set(only)):
                continue
            key = field.to_field_instance.model_field_name
            if not await field.related_model.filter(**{key: value}).using_db(self.db).exists():
                raise IntegrityError(
                    f"{self.model.__name__}.{name} refers to {field.related_model.__name__} {value!r}, "
                    "which is not there"
                )

    async def _check_who_refers_to_it(self, instance: Any) -> None:
        if not self._checks():
            return
        meta: Any = self.model._meta
        for name in sorted(meta.backward_fk_fields | meta.backward_o2o_fields):
            field = meta.fields_map[name]
            value = getattr(instance, field.to_field_instance.model_field_name)
            if await field.related_model.filter(**{field.relation_source_field: value}).using_db(self.db).exists():
                raise IntegrityError(
                    f"{self.model.__name__} {instance.pk!r} is still referred to by {field.related_model.__name__}."
                    f"{field.relation_field}: change or delete those first"
                )

    def _checks(self) -> bool:
        db: Any = self.db
        options: Options = db.parameters.options
        return options.check_foreign_keys and options.foreign_keys == "omit"
