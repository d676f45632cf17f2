"""All rows that a page is made of, in one query: what it shows is kept under them (projects/kept.py).

A page of a program rests on a dozen tables. Asked one by one they take longer than everything else on it, and nearly
all of that goes into writing their SQL; so one query asks for all, and its SQL is written once. It has whole rows, not
stamps: a change that nobody announced is seen too.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject

from projects.kept import digest

PLACE = -(2**40)  # stands for the key while the SQL is written


def whole(rows: QuerySet, *, without: Iterable[str] = (), **also: str) -> QuerySet:
    """Each row as one text with all its columns but those `without`, and columns `also` of other tables by path."""
    left_out = set(without)
    columns = [field.attname for field in rows.model._meta.concrete_fields if field.name not in left_out]
    parts: Mapping[str, Any] = {name: F(name) for name in columns} | {name: F(path) for name, path in also.items()}
    table = Value(rows.model._meta.db_table, output_field=TextField())
    return rows.order_by().values_list(table, Cast(JSONObject(**parts), TextField()))


class Contents:
    """`tables` gives the rows of one page as `whole` querysets, for the key of what it is about; the key stands in
    their SQL as a plain parameter, and nothing else may differ from one call to the next."""

    def __init__(self, tables: Callable[[int], Iterable[QuerySet]]) -> None:
        self.tables = tables
        self._written: dict[str, tuple[str, tuple]] = {}

    def digest(self, key: int, *also: Any) -> str:
        """Names the rows as they are now, and what else the page is made from."""
        sql, params = self._sql()
        with connection.cursor() as cursor:
            cursor.execute(sql, [key if param == PLACE else param for param in params])
            rows = cursor.fetchall()
        return digest(key, also, sorted(rows))

    def _sql(self) -> tuple[str, tuple]:
        if connection.vendor not in self._written:
            first, *rest = self.tables(PLACE)
            self._written[connection.vendor] = first.union(*rest, all=True).query.sql_with_params()
        return self._written[connection.vendor]
