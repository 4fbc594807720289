"""SQL of the start path, planned once for each connection: planning took longer than doing.

Written as any statement, with %(name)s for what is given; where PostgreSQL cannot tell a type, a cast says it.
"""

import re
from weakref import WeakKeyDictionary

from django.db import connection

_NAMED = re.compile(r"%\((\w+)\)s")
_known = WeakKeyDictionary()  # the database connection → names of what it has prepared


class Statement:
    def __init__(self, name, sql):
        self.name = f"socius_{name}"
        self.sql = sql
        self.parameters = list(dict.fromkeys(_NAMED.findall(sql)))
        self._prepare = f"PREPARE {self.name} AS " + _NAMED.sub(lambda m: f"${self._number(m[1])}", sql)
        self._execute = f"EXECUTE {self.name}"
        if self.parameters:
            self._execute += f"({', '.join(f'%({name})s' for name in self.parameters)})"

    def for_each(self, **types):
        """The same for several rows of arguments at once; the parameters named here come as arrays of these types.

        Each row of the answer has `number`: which of them it belongs to, from 1.
        """
        inner = _NAMED.sub(lambda m: f"asked.{m[1]}" if m[1] in types else m[0], self.sql)
        arrays = ", ".join(f"%({name})s::{kind}[]" for name, kind in types.items())
        columns = ", ".join(types)
        return Statement(
            f"{self.name.removeprefix('socius_')}_each",
            f"SELECT asked.number, x.* FROM unnest({arrays}) WITH ORDINALITY asked({columns}, number) "
            f"CROSS JOIN LATERAL ({inner}) x ORDER BY asked.number",
        )

    def _number(self, parameter):
        return self.parameters.index(parameter) + 1

    def rows(self, **params):
        """What it answers, as dicts by column name."""
        with connection.cursor() as cursor:
            self._ready(cursor)
            cursor.execute(self._execute, params)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def value(self, **params):
        """The one value of the one row it answers."""
        [row] = self.rows(**params)
        [value] = row.values()
        return value

    def _ready(self, cursor):
        known = _known.setdefault(cursor.connection, set())
        if self.name not in known:
            cursor.execute(self._prepare)
            known.add(self.name)
