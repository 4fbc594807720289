"""Playbooks, courses and competences."""

import datetime as dt
from itertools import count

from accounts.enums import RoleName
from groups.enums import CompetenceKind
from groups.services.courses import add_course, add_day
from groups.services.playbook import add_part
from tests.factories.accounts import make_coordinator
from tests.factories.groups import TODAY

_number = count(1)
PART = {"method": "kot", "minutes": 20, "material": "", "description": ""}
COURSE = {
    "about": "",
    "grants": CompetenceKind.CO_LEAD,
    "offer": None,
    "for_role": RoleName.TEAM_MEMBER,
    "valid_months": 12,
    "cycles_beside": 0,
    "is_active": True,
}
DAY = {"start_time": dt.time(9), "end_time": dt.time(12), "place": "De Spil", "places": 8}


def coordinator():
    return make_coordinator(f"Coba{next(_number)}")


def make_part(offer, title=None, *, by=None, **values):
    """A part at the end of this offer's playbook."""
    title = title or f"Onderdeel {next(_number)}"
    return add_part(offer=offer, values=PART | {"title": title} | values, by=by or coordinator())


def make_course(*, by=None, **values):
    """For team members, giving the right to co-lead every offer for a year, unless told otherwise."""
    values = COURSE | {"name": f"Cursus {next(_number)}"} | values
    return add_course(values=values, by=by or coordinator())


def make_day(course=None, *, days=7, by=None, today=TODAY, **values):
    """A course day so many days from now."""
    values = DAY | {"date": today + dt.timedelta(days=days)} | values
    by = by or coordinator()
    return add_day(course=course or make_course(by=by), values=values, by=by, today=today)
