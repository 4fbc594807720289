"""Every package that runs Socius stands in decision 0002, with the licence that the package itself names."""

import re
from importlib.metadata import metadata

import pytest
from django.conf import settings

DECISION = settings.BASE_DIR / "docs" / "decisions" / "0002-dependencies.md"
LINES = (settings.BASE_DIR / "requirements.txt").read_text(encoding="utf-8").splitlines()
PINNED = [line.split("==")[0] for line in LINES if "==" in line]
# As loosely as packages name them: a family is one word.
FAMILIES = (("LGPL", "LGPL|LESSER GENERAL"), ("APACHE", "APACHE"), ("BSD", "BSD"), ("MIT", "MIT"), ("PSF", "PSF"))


def families(text):
    return {name for name, pattern in FAMILIES if re.search(rf"\b({pattern})", text.upper())}


def named(package):
    """What its own metadata say."""
    fields = metadata(package)
    classified = [value for value in fields.get_all("Classifier", []) if value.startswith("License")]
    return fields.get("License-Expression") or " ".join([(fields.get("License") or "")[:40], *classified])


def written():
    """{package: the licence that decision 0002 gives it}"""
    rows = [line.strip("| ").split("|") for line in DECISION.read_text(encoding="utf-8").splitlines() if "|" in line]
    found = {}
    for cells in ([cell.strip() for cell in row] for row in rows):
        if len(cells) == 3:
            found |= dict.fromkeys(re.sub(r" [\d.]+$", "", cells[0]).split(", "), cells[2])
        elif len(cells) == 2:
            found |= dict.fromkeys(cells[1].split(", "), cells[0])
    return found


@pytest.mark.parametrize("package", PINNED)
def test_the_licence_is_what_the_package_says(package):
    licence = written()[package]
    assert families(named(package)) <= families(licence)
    assert families(licence.split(";")[0]) <= families(named(package)) or named(package).startswith("Dual")
