"""What every page is built from: words, pictures with their texts, components, the menu, the vendored files."""

import datetime as dt
import hashlib
import re
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import get_resolver, resolve
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.enums import RoleName
from accounts.models import User
from socius.context_processors import MENUS, Navigation, navigation

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
EVENING = dt.datetime(2027, 1, 12, 18, 30, tzinfo=dt.UTC)
VENDOR = settings.BASE_DIR / "static" / "vendor"


def render(source, **context):
    return Template("{% load i18n socius_tags %}" + source).render(Context(context)).strip()


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def user_with(*roles):
    user = User(pk=1, first_name="Wietske", last_name="Voorbeeld")
    user.role_names = frozenset(roles)
    return user


def navigation_of(user):
    request = RequestFactory().get("/")
    request.user, request.resolver_match = user, None
    return Navigation(request)


# --- words


@pytest.mark.parametrize(
    ("language", "source", "text"),
    [
        ("nl", "{{ moment|day }}", "di 12 jan"),
        ("nl", "{{ moment|daytime }}", "di 12 jan, 19:30"),
        ("nl", "{{ moment|clock }}", "19:30"),
        ("nl", "{{ moment|long_day }}", "dinsdag 12 januari 2027"),
        ("nl", "{{ date|day }}", "ma 1 mrt"),
        ("nl", "{{ time|clock }}", "09:05"),
        ("en", "{{ moment|daytime }}", "Tue 12 Jan, 19:30"),
        ("nl", "{{ nothing|day }}{{ nothing|daytime }}{{ nothing|clock }}{{ nothing|long_day }}", ""),
    ],
)
def test_dates_read_as_people_say_them_in_local_time(language, source, text):
    with override(language):
        shown = render(source, moment=EVENING, date=dt.date(2027, 3, 1), time=dt.time(9, 5), nothing=None)
    assert shown == text


@pytest.mark.parametrize(
    ("typed", "shown"), [("1943ab", "1943 AB"), (" 1943  AB ", "1943 AB"), ("ab", "ab"), (None, "")]
)
def test_postcode_has_its_space(typed, shown):
    assert render("{{ typed|postcode }}", typed=typed) == shown


# --- pictures


@pytest.mark.parametrize(
    ("call", "text", "kinds"),
    [
        ("2 3", "2 van 3: nog 1 nodig", ["filled", "filled", "missing"]),
        ("3 3", "3 van 3: genoeg om te starten", ["filled"] * 3),
        ("filled=4 goal=3 maximum=6", "4 van 3: genoeg om te starten", ["filled"] * 4 + ["spare"] * 2),
        ("filled=0 goal=2 maximum=3", "0 van 2: nog 2 nodig", ["missing", "missing", "spare"]),
        ("filled=1", "1 wacht, geen minimum ingesteld", ["filled"]),
        ("filled=2", "2 wachten, geen minimum ingesteld", ["filled", "filled"]),
        ("filled=40 goal=3", "40 van 3: genoeg om te starten", ["filled"] * 15),
    ],
)
def test_dots_show_and_tell_what_is_missing(call, text, kinds):
    with override("nl"):
        html = render("{% dots " + call + " %}")
    assert re.search(r'role="img" aria-label="([^"]*)"', html)[1] == text
    assert re.findall(r"dot-(filled|missing|spare)", html) == kinds


def test_dots_mark_the_minimum_only_when_there_is_more_behind_it():
    assert "dots-mark" in render("{% dots 2 3 12 %}")
    assert "dots-mark" not in render("{% dots 2 3 %}")


def test_dots_number_can_be_left_out():
    assert words(render("{% dots 2 3 %}")) == "2/3"
    assert words(render("{% dots 2 3 number=False %}")) == ""


def test_icon_is_silent_without_a_label_and_an_image_with_one():
    assert 'aria-hidden="true"' in render('{% icon "calendar" %}')
    assert 'role="img" aria-label="&lt;b&gt;"' in render('{% icon "calendar" label=label %}', label="<b>")


@pytest.mark.parametrize("name", ["nothing-like-it", "../../css/socius", "LICENSE"])
def test_icon_unknown_says_what_to_do(name):
    with pytest.raises(LookupError, match="bin/vendor"):
        render("{% icon name %}", name=name)


def test_icons_named_in_templates_are_there():
    source = "".join(path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html"))
    names = set(re.findall(r"""{%\s*icon ["']([^"']+)""", source)) | set(
        re.findall(r"""\bicon=["']([^"']+)""", source)
    )
    [folder] = VENDOR.glob("bootstrap-icons-*")
    assert {name for name in names if not (folder / f"{name}.svg").is_file()} == set()


def test_session_strip_tells_what_was_and_what_comes_next():
    first = dt.datetime(2027, 1, 5, 19, 30, tzinfo=AMSTERDAM)
    sessions = [
        SimpleNamespace(number=n + 1, starts_at=first + dt.timedelta(weeks=n), state=state)
        for n, state in enumerate(["held", "cancelled", "planned", "planned"])
    ]
    with override("nl"):
        html = render("{% session_strip sessions now=now %}", sessions=sessions, now=first + dt.timedelta(weeks=1))
    assert re.findall(r"strip-box strip-(\w+)", html) == ["past", "cancelled", "next", "coming"]
    assert words(html) == (
        "di 5 jan 19:30 geweest di 12 jan 19:30 vervallen 3 di 19 jan 19:30 volgende 4 di 26 jan 19:30 gepland"
    )


def test_session_strip_without_a_clock_marks_nothing_as_past():
    html = render("{% session_strip sessions %}", sessions=[{"starts_at": EVENING}, {"starts_at": EVENING}])
    assert re.findall(r"strip-box strip-(\w+)", html) == ["coming", "coming"]


# --- blocks


def test_components_need_no_more_than_their_title():
    source = """{% page_header "Vandaag" %}{% endpage_header %}{% panel %}{% endpanel %}{% empty_state "Niets" %}
        {% reason "Nog 1 deelnemer" %}{% figure 3 "wachten" %}{% task_card "Bel" %}{% endtask_card %}
        {% status_badge "wacht" %}{% confirm_panel "Zeker?" action="Ja" cancel_url="/" %}{% endconfirm_panel %}"""
    assert "Nog 1 deelnemer" in render(source)


def test_components_escape_what_they_are_given():
    source = """{% page_header x lead=x %}{{ x }}{% endpage_header %}{% panel x %}{{ x }}{% endpanel %}
        {% reason x next_step=x %}{% empty_state x text=x %}{% figure x x note=x %}{% status_badge x %}
        {% session_strip sessions label=x %}
        {% task_card x why=x meta=x url="/" action=x %}{{ x }}{% endtask_card %}
        {% confirm_panel x action=x cancel_url="/" consequences=xs %}{{ x }}{% endconfirm_panel %}"""
    html = render(source, x="<script>", xs=["<script>"], sessions=[{"starts_at": None}])
    assert "<script" not in html
    assert "&amp;" not in html
    assert html.count("&lt;script&gt;") == 24


def test_reason_takes_one_or_several():
    assert render("{% reason whys %}", whys=["een", "twee"]).count("reason-why") == 2
    assert render("{% reason why %}", why="een").count("reason-why") == 1


def test_an_unknown_tone_is_refused():
    with pytest.raises(TemplateSyntaxError, match="orange"):
        render('{% status_badge "x" tone="orange" %}')


def test_task_card_posts_with_a_token_when_asked():
    source = '{% task_card "Bel" url="/doe/" action="Doe" method="post" %}{% endtask_card %}'
    html = render(source, csrf_token="geheim")
    assert '<form class="task-action" action="/doe/" method="post">' in html
    assert 'value="geheim"' in html


# --- the menu


def test_menu_is_empty_for_who_is_not_logged_in():
    nav = navigation_of(AnonymousUser())
    assert (nav.roles, nav.items, nav.bar, nav.more) == ([], [], [], [])


def test_menu_of_several_roles_is_their_union_once_in_order():
    nav = navigation_of(user_with(RoleName.GROUP_WORKER, RoleName.COORDINATOR))
    names = [item.url_name for role in nav.roles for item in MENUS[role]]
    assert nav.roles == [RoleName.COORDINATOR, RoleName.GROUP_WORKER]
    urls = [item["url"] for item in nav.items]
    assert len(urls) == len(set(urls))
    assert len(urls) <= len(set(names))
    assert nav.items == nav.bar + nav.more
    assert len(nav.bar) <= 5


def test_pages_that_a_menu_names_exist():
    known = {
        f"{app}:{name}"
        for app, (prefix, resolver) in get_resolver().namespace_dict.items()
        for name in resolver.reverse_dict
        if isinstance(name, str)
    }
    named = {page for items in MENUS.values() for item in items for page in item.pages}
    assert named - known == set()


def test_menu_marks_the_item_a_page_belongs_to():
    request = RequestFactory().get("/groepen/wachtlijsten/3/")
    request.user, request.resolver_match = user_with(RoleName.GROUP_WORKER), resolve("/groepen/wachtlijsten/3/")
    assert [item["label"] for item in Navigation(request).items if item["is_current"]] == [_("Waitlists")]


def test_menu_of_a_former_colleague_is_empty():
    user = user_with(RoleName.COORDINATOR)
    user.is_active = False
    assert navigation_of(user).items == []


def test_navigation_asks_the_database_nothing_until_it_is_shown(db, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user = User(pk=1)
    with django_assert_num_queries(0):
        navigation(request)


# --- pages without a request or a log-in


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"])
def test_error_pages_render_with_nothing_at_all(name):
    with override("nl"):
        html = render_to_string(name)
    assert "<h1>" in html
    assert 'lang="nl"' in html


# --- files


def test_vendored_files_are_the_ones_in_the_manifest():
    listed = dict(line.split("  ")[::-1] for line in (VENDOR / "MANIFEST.sha256").read_text().splitlines())
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "MANIFEST.sha256"
    }
    assert found == listed


def test_vendored_folders_carry_version_and_licence():
    for folder in VENDOR.iterdir():
        if folder.is_dir():
            assert re.search(r"-\d+\.\d+\.\d+$", folder.name)
            assert (folder / "LICENSE").is_file()


def test_no_source_map_is_asked_for():
    assert [path.name for path in VENDOR.rglob("*.css") if "sourceMappingURL" in path.read_text()] == []


def test_templates_need_no_inline_script_or_style():
    inline = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|hx-on|javascript:", re.IGNORECASE)
    offending = [
        path.name for path in (settings.BASE_DIR / "templates").rglob("*.html") if inline.search(path.read_text())
    ]
    assert offending == []
