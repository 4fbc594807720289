"""What the documents point at exists."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
RULES = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
# The first session, signals: spoken of, and kept by later versions.
NAMED_BUT_NOT_YET_KEPT = {"R24", "R34"}
APPS = ("accounts", "clients", "groups", "intake", "neighbourhoods", "notifications", "reporting", "socius", "docs")


def test_every_test_that_a_rule_names_exists():
    defined = {
        name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", _text(path))
    }
    named = set(re.findall(r"`(test_\w+)`", RULES))
    assert named - defined == set()


def test_every_rule_that_code_names_is_in_the_table():
    listed = set(re.findall(r"^\| (R\d+b?) \|", RULES, re.MULTILINE))
    assert len(listed) > 20
    in_code = {
        rule
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
        for rule in re.findall(r"\bR\d+b?\b", _text(path))
    }
    assert in_code - listed <= NAMED_BUT_NOT_YET_KEPT


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_exists(document):
    text = _text(document)
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    named = re.findall(rf"`((?:{'|'.join(APPS)})/[\w/.-]+)`", text)
    missing = [name for name in linked if not (document.parent / name).exists()]
    missing += [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def _text(path):
    return path.read_text(encoding="utf-8")
