"""Many rows with their keys."""

# The hooks of Tortoise are protected, and partly without types.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAbstractUsage=false, reportMissingTypeStubs=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from tortoise.models import Model

from ._rows import PARAMETERS

MODEL = TypeVar("MODEL", bound=Model)


async def bulk_create(
    model: type[MODEL], objects: Iterable[MODEL], *, batch_size: int | None = None, using_db: Any = None
) -> list[MODEL]:
    """Model.bulk_create() that enters the keys that the service generated. Answers the objects.

    Outside a transaction each batch is one of its own: an error leaves those before it. batch_size: rows of a batch;
    by default the connection's batch_rows.
    """
    made = list(objects)
    db: Any = using_db or model._choose_db(True)
    executor: Any = db.executor_class(model=model, db=db)
    generated = [each for each in made if not each._custom_generated_pk]
    if not model._meta.generated_db_fields or not generated or not executor.regular_columns:
        await model.bulk_create(made, batch_size=batch_size, using_db=db)
    else:
        given = [each for each in made if each._custom_generated_pk]
        if given:
            await model.bulk_create(given, batch_size=batch_size, using_db=db)
        size = min(batch_size or db.parameters.options.batch_rows, PARAMETERS // len(executor.regular_columns))
        for start in range(0, len(generated), size):
            await _insert(executor, generated[start : start + size])
    for each in made:
        each._saved_in_db = True
    return made


async def _insert(executor: Any, objects: list[Any]) -> None:
    model: Any = executor.model
    fields = [model._meta.fields_map[name] for name in executor.regular_columns]
    values: list[Any] = []
    rows: list[tuple[Any, ...]] = []
    for instance in objects:
        given = [(field, getattr(instance, field.model_field_name)) for field in fields]
        rows.append(tuple(executor.parameter(len(values) + number) for number in range(len(given))))
        values += [field.to_db_value(value, instance) for field, value in given]
    columns = [model._meta.fields_db_projection[name] for name in executor.regular_columns]
    query = executor.db.query_class.into(model._meta.basetable).columns(*columns).insert(*rows)
    key = model._meta.db_pk_column
    answered = await executor.db.execute_query_dict(query.returning(*model._meta.generated_db_fields).get_sql(), values)
    # A sequence rises: the order of its values is that of the rows, in whatever order they come back.
    for instance, row in zip(objects, sorted(answered, key=lambda row: row[key]), strict=True):
        for column, value in row.items():
            name = model._meta.fields_db_projection_reverse[column]
            setattr(instance, name, model._meta.fields_map[name].to_python_value(value))
