"""Which tables a backup holds, and how a value stands in it: the same whichever database it came from."""

import base64
import datetime as dt
import decimal
import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.utils.duration import duration_iso_string

FORMAT = 1
Head = tuple[str, str]  # an app and its last migration


def heads_of(connection: BaseDatabaseWrapper) -> list[Head]:
    """The last migrations of this code."""
    return sorted(MigrationExecutor(connection).loader.graph.leaf_nodes())


def models_at(connection: BaseDatabaseWrapper, heads: list[Head]) -> dict[str, type[models.Model]]:
    """{label: model} of every table as it stood after `heads`: nothing of today's code, so that an old backup loads."""
    state = MigrationExecutor(connection).loader.project_state(heads)
    found = state.apps.get_models(include_auto_created=True)
    kept = {model._meta.label: model for model in found if model._meta.managed and not model._meta.proxy}
    for model in kept.values():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.DateField):
                field.auto_now = field.auto_now_add = False  # what is restored keeps its times
    return dict(sorted(kept.items()))


def columns_of(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def encode(value: Any) -> Any:
    """As JSON holds it. What JSON has no kind for becomes text that the field reads back."""
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, dt.timedelta):
        return duration_iso_string(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def decode(field: models.Field, value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    found = field.to_python(value)
    return bytes(found) if isinstance(found, memoryview) else found


def as_line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def rows_of(model: type[models.Model], at_once: int) -> Iterator[list[Any]]:
    """Every row in the order of its key, never more than `at_once` of them in memory."""
    names = [field.attname for field in columns_of(model)]
    for row in model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=at_once):
        yield [encode(value) for value in row]
