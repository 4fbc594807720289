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
        self.parameters = list(dict.fromkeys(_NAMED.findall(sql)))
        self._prepare = f"PREPARE {self.name} AS " + _NAMED.sub(lambda m: f"${self._number(m[1])}", sql)
        self._execute = f"EXECUTE {self.name}"
        if self.parameters:
            self._execute += f"({', '.join(f'%({name})s' for name in self.parameters)})"

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
