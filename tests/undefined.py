"""A template of ours that names something its view did not give it fails the test."""

import sys

from django.conf import settings


class UndefinedVariableError(Exception):
    """A template of ours names something its view did not give it."""


class UndefinedVariable(str):
    """Set as `string_if_invalid`; Django formats it with the variable it could not find."""

    __slots__ = ()

    def __new__(cls):
        return super().__new__(cls, "%s")

    def __mod__(self, variable):
        caller = sys._getframe(1).f_locals
        expression, context = caller["self"], caller["context"]
        origin = str(context.render_context.template.origin.name)
        if origin.startswith(str(settings.BASE_DIR / "templates")):
            raise UndefinedVariableError(f"{{{{ {variable} }}}} is undefined in {origin}")
        engine = context.template.engine
        engine.string_if_invalid = ""
        try:
            return expression.resolve(context)
        finally:
            engine.string_if_invalid = self
