"""Finds every text that is to be translated, as makemessages would, without needing gettext's tools."""

import ast
import re
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

APPS = ("accounts", "clients", "groups", "intake", "neighbourhoods", "notifications", "reporting", "socius")
# For each function that marks a text: which argument is its context, and which the text.
MARKERS = {"_": (None, 0), "gettext": (None, 0), "gettext_lazy": (None, 0), "gettext_noop": (None, 0)}
MARKERS |= {"ngettext": (None, 0), "ngettext_lazy": (None, 0), "pgettext": (0, 1), "pgettext_lazy": (0, 1)}
MARKERS |= {"npgettext": (0, 1), "npgettext_lazy": (0, 1)}
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
MARKED = re.compile(rf"\b(n?p?gettext|_)\(((?:\s*(?:{LITERAL})\s*,?)+)")


def source_texts():
    """All of them, as pairs of context (or None) and text."""
    found = set()
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            found |= texts_of_python(path.read_text())
    for path in template_paths():
        found |= texts_of_template(path.read_text())
    return found


def template_paths():
    return sorted(path for path in (settings.BASE_DIR / "templates").rglob("*") if path.suffix in {".html", ".txt"})


def texts_of_python(source):
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            literals = [getattr(argument, "value", None) for argument in node.args]
            if name in MARKERS and (text := marked(name, literals)):
                found.add(text)
    return found


def texts_of_template(source):
    found = set()
    for name, arguments in MARKED.findall(templatize(source)):
        literals = [ast.literal_eval(literal) for literal in re.findall(LITERAL, arguments)]
        if text := marked(name, literals):
            found.add(text)
    return found


def marked(name, literals):
    context, text = MARKERS[name]
    if len(literals) <= text or not isinstance(literals[text], str):
        return None
    return (literals[context] if context is not None else None, literals[text])


def project_files(*patterns):
    """Python files of the apps, for the checks that read source."""
    for app in APPS:
        for pattern in patterns:
            yield from sorted(Path(settings.BASE_DIR / app).glob(pattern))
