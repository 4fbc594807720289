import json
import logging
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from socius.logs import JsonFormatter, LineFormatter, describe, request_id


def record(message="hello %s", arguments=("there",), **extra):
    made = logging.getLogger("socius.test").makeRecord("socius.test", 20, __file__, 1, message, arguments, None)
    made.__dict__.update(extra)
    return made


def test_line_is_readable():
    assert LineFormatter().format(record()).endswith(" INFO    socius.test: hello there")


def test_json_holds_the_facts_and_the_request():
    token = request_id.set("abc123")
    try:
        facts = json.loads(JsonFormatter().format(record(route="/groepen/", status=200, ms=12)))
    finally:
        request_id.reset(token)
    del facts["at"], facts["process"]
    assert facts == {
        "level": "INFO",
        "logger": "socius.test",
        "message": "hello there",
        "route": "/groepen/",
        "status": 200,
        "ms": 12,
        "request_id": "abc123",
    }


def test_failed_task_is_named_without_its_words():
    made = record("Task %(name)s raised: %(exc)s", data={"name": "groups.tasks.start", "exc": "ValueError('canary')"})
    made.name, made.funcName = "celery.app.trace", "_log_error"
    assert "canary" not in LineFormatter().format(made)
    assert "groups.tasks.start" in LineFormatter().format(made)


def test_trace_shows_where_and_not_what():
    try:
        try:
            raise KeyError("canary one")
        except KeyError as error:
            raise ValueError("canary two") from error
    except ValueError:
        made = record(exc_info=sys.exc_info())
    for formatter in (LineFormatter(), JsonFormatter()):
        text = formatter.format(made)
        assert "canary" not in text
        assert "KeyError" in text
        assert "ValueError" in text
        assert "test_trace_shows_where_and_not_what" in text


def test_words_about_code_are_kept():
    assert describe(ImproperlyConfigured("SITE_URL is not set")).endswith("ImproperlyConfigured: SITE_URL is not set")
    assert describe(ValueError("canary")) == "ValueError"


@pytest.mark.django_db
def test_broken_constraint_is_named_without_the_row(django_user_model):
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute("SELECT 'canary'::integer")
    assert describe(raised.value.__cause__) == "psycopg2.errors.InvalidTextRepresentation 22P02"
