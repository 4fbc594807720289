"""How far an import is: a bar on a terminal, a line now and then in a log; and the bench that measures it runs."""

import io
import json
from types import SimpleNamespace

import pytest
from django.core.management.base import OutputWrapper

from neighbourhoods.management.commands.import_cbs import Progress
from tests.bench import cbs

TABLE = SimpleNamespace(name="2025.csv", size=200, position=50)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def _told(stream, moments):
    """What progress writes when it is asked at these moments, in seconds."""
    clock = iter([0, *moments])
    progress = Progress(OutputWrapper(stream), clock=lambda: next(clock))
    for number, _moment in enumerate(moments, start=1):
        progress(TABLE, number * 100_000)
    progress.end()
    return stream.getvalue()


def test_a_terminal_shows_a_bar_and_its_line_ends():
    bar = "[########......................]"
    assert _told(Terminal(), [0.1, 1]) == f"\r{bar} 200,000 rows, 25% of 2025.csv\033[K\n"


def test_a_log_gets_a_line_now_and_then_and_no_signs():
    assert _told(io.StringIO(), [1, 16, 20, 32]) == ("200,000 rows, 25% of 2025.csv\n400,000 rows, 25% of 2025.csv\n")


@pytest.mark.django_db(transaction=True)
def test_the_bench_runs_in_small_and_finds_all_it_made(capsys):
    cbs.main(["--rows", "4000"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["measure"] for line in lines if "measure" in line] == [
        "a process that imports nothing",
        "an eighth, first time",
        "first time",
        "the same file again",
        "five municipalities",
    ]
    assert [line["yardstick"] for line in lines if "yardstick" in line] == ["reading lines", "csv module", "COPY"] * 2
