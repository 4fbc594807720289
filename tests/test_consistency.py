"""The floor that holds for all of Socius at once; bin/check runs this too."""

import ast
import hashlib
import re
import subprocess
import sys
from importlib.metadata import distribution, requires
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template.loader import get_template
from django.urls import get_resolver
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.texts import project_files, source_texts, template_paths

BASE = Path(settings.BASE_DIR)
TEMPLATES = {str(path.relative_to(BASE / "templates")): path for path in template_paths()}
CATALOGUE = BASE / "locale" / "nl" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}")
# Browsers refuse what does not come from a file of ours; here it is found before they do.
INLINE = {
    "a script without src": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "a style element": re.compile(r"<style", re.I),
    "a style attribute": re.compile(r"\sstyle\s*=", re.I),
    "an on… attribute": re.compile(r"\son[a-z]+\s*=", re.I),
    "hx-on or js:": re.compile(r"hx-on|=\s*[\"'](js|javascript):", re.I),
}


# --- templates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles_and_is_short(name):
    get_template(name)
    lines = TEMPLATES[name].read_text().count("\n")
    assert lines <= 100, f"{name} has {lines} lines; split it by meaning"


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_holds_nothing_inline(name):
    source = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", TEMPLATES[name].read_text(), flags=re.S)
    assert [what for what, pattern in INLINE.items() if pattern.search(source)] == []


def test_each_template_is_used():
    python = "\n".join(path.read_text() for path in project_files("**/*.py"))
    foreign = [
        Path(app.path) / "templates" for app in apps.get_app_configs() if "site-packages" in Path(app.path).parts
    ]
    sources = {name: path.read_text() for name, path in TEMPLATES.items()}
    unused = []
    for name in TEMPLATES:
        mentions = [source for other, source in sources.items() if other != name] + [python]
        # 429.html: allauth asks for it by a name it puts together.
        overrides = name == "429.html" or any((directory / name).exists() for directory in foreign)
        if not overrides and not any(f'"{name}"' in source or f"'{name}'" in source for source in mentions):
            unused.append(name)
    assert unused == []


def test_each_static_file_named_in_a_template_exists():
    named = {
        file for path in TEMPLATES.values() for file in re.findall(r"{% static [\"'](.+?)[\"']", path.read_text())
    }
    assert [file for file in sorted(named) if finders.find(file) is None] == []


def test_each_address_named_in_a_template_exists():
    known = names_of(get_resolver())
    named = {
        (name, view)
        for name, path in TEMPLATES.items()
        for view in re.findall(r"{% url [\"']([^\"']+)[\"']", path.read_text())
    }
    assert sorted(pair for pair in named if pair[1] not in known) == []


def names_of(resolver, prefix=""):
    names = {prefix + key for key in resolver.reverse_dict if isinstance(key, str)}
    for namespace, (_, inner) in resolver.namespace_dict.items():
        names |= names_of(inner, f"{prefix}{namespace}:")
    return names


# --- texts -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dutch():
    return polib.pofile(str(CATALOGUE))


def test_catalogue_holds_exactly_the_texts_of_the_source(dutch):
    known = {(entry.msgctxt, entry.msgid) for entry in dutch if not entry.obsolete}
    texts = source_texts()
    assert sorted(texts - known, key=str) == [], "not in the Dutch catalogue"
    assert sorted(known - texts, key=str) == [], "no longer in the source"


def test_each_text_has_its_dutch(dutch):
    assert [entry.msgid for entry in dutch.untranslated_entries() + dutch.fuzzy_entries()] == []


def test_dutch_keeps_the_placeholders(dutch):
    wrong = []
    for entry in dutch.translated_entries():
        wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            given = set(PLACEHOLDER.findall(text))
            # "One person" need not repeat the number.
            if not given <= wanted or (not entry.msgid_plural and given != wanted):
                wrong.append((entry.msgid, text))
    assert wrong == []


def test_compiled_catalogue_is_up_to_date(dutch):
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert readings(compiled) == readings(dutch.translated_entries())


def readings(entries):
    return {(entry.msgctxt, entry.msgid): entry.msgstr or tuple(entry.msgstr_plural.values()) for entry in entries}


# --- code ------------------------------------------------------------------------------------------------------------


def code_lines(function, source_lines):
    """Lines of a function's body, without docstring, comments and blank lines."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if not body:
        return 0
    lines = source_lines[body[0].lineno - 1 : function.end_lineno]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


def functions_longer_than(limit, *patterns):
    found = []
    for path in project_files(*patterns):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and (lines := code_lines(node, source.splitlines())) > limit:
                found.append(f"{path.relative_to(BASE)}:{node.lineno} {node.name} has {lines} lines (at most {limit})")
    return found


def test_views_are_short():
    assert functions_longer_than(20, "views.py", "views/*.py") == []


def test_services_are_short():
    """25 lines is the guide, which one in twenty may exceed; more than 50 is never right."""
    patterns = ("services.py", "services/*.py")
    assert functions_longer_than(50, *patterns) == []
    long, every = functions_longer_than(25, *patterns), functions_longer_than(0, *patterns)
    assert len(long) <= len(every) / 20, "\n".join(long)


def test_tasks_are_short():
    assert functions_longer_than(3, "tasks.py") == []


def test_model_files_are_short():
    files = {path: path.read_text().count("\n") for path in project_files("models.py", "models/*.py")}
    assert {str(path.relative_to(BASE)): lines for path, lines in files.items() if lines > 300} == {}


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_imports_go_downwards():
    command = [sys.executable, str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=BASE, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


# --- what comes from elsewhere ---------------------------------------------------------------------------------------


def test_vendored_files_are_those_of_the_manifest():
    vendor = BASE / "static" / "vendor"
    lines = (vendor / "MANIFEST.sha256").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}
    found = {
        str(path.relative_to(vendor)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "MANIFEST.sha256"
    }
    assert found == listed


def test_requirements_are_pinned_down_to_the_last():
    pinned = {}
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (BASE / name).read_text().splitlines():
            if line and not line.startswith(("#", "-r ")):
                requirement, version = line.split("==")
                pinned[canonicalize_name(requirement)] = version
    for name, version in pinned.items():
        assert distribution(name).version == version, f"{name} is installed in another version"
        for line in requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert canonicalize_name(needed.name) in pinned, f"{name} needs {needed.name}, which is not pinned"
