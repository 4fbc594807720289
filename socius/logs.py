"""What Socius says about itself: readable lines at a terminal, JSON in production; never anything about a person.

A path, an address or the text of an exception may hold a name, so none is written: a request is named by its route,
an exception by its class, the code it passed and, for the database, the constraint that was broken.
"""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateDoesNotExist, TemplateSyntaxError

request_id = ContextVar("request_id", default="")
# These speak of code, never of data.
SPEAKING = (
    ImportError,
    NameError,
    AttributeError,
    TypeError,
    NotImplementedError,
    ConnectionError,
    ImproperlyConfigured,
    TemplateDoesNotExist,
    TemplateSyntaxError,
)
FACTS = ("method", "route", "status", "ms")


class LineFormatter(logging.Formatter):
    """`12:30:05 INFO  socius.requests: GET groepen/ 200, 31 ms`"""

    def format(self, record):
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{at} {record.levelname:<7} {record.name}: {message_of(record)}"
        return "\n".join([line, *trace_of(record)])


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for a collector of logs."""

    def format(self, record):
        facts = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
            "process": record.process,
        }
        facts |= {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
        if request_id.get():
            facts["request_id"] = request_id.get()
        if trace := trace_of(record):
            facts["trace"] = trace
        return json.dumps(facts, ensure_ascii=False, default=str)


def has_trace(record):
    """For Django's own lines about requests: only an exception is worth one beside ours."""
    return bool(record.exc_info)


def message_of(record):
    """The message, unless it was made by a library that puts a path or an exception's text into it."""
    if hasattr(record, "request"):
        return f"{getattr(record, 'status_code', '')} at {route_of(record.request)}".strip()
    if record.name.startswith("celery") and isinstance(data := getattr(record, "data", None), dict) and "name" in data:
        return f"task {data['name']}: {record.funcName.strip('_').replace('_', ' ')}"
    return record.getMessage()


def route_of(request):
    """The pattern of the address (`groepen/<slug:slug>/`), which never holds what was filled in."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "an unknown address"


def trace_of(record):
    """Where an exception came from, line by line, without what it said."""
    if not record.exc_info or record.exc_info[1] is None:
        return []
    lines, error = [], record.exc_info[1]
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [describe(error), *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames), *lines]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


def describe(error):
    """An exception in words that hold no data: its class, and what code or database call it by."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, SPEAKING):
        return f"{name}: {error}"
    diagnosis = getattr(error, "diag", None)
    known = (getattr(diagnosis, part, None) for part in ("sqlstate", "table_name", "constraint_name"))
    return " ".join([name, *(part for part in known if part)])
