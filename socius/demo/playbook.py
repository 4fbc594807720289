"""The demo's playbook: parts to choose from, some of them picked for the next session, and a course to enrol in."""

import datetime as dt
import tomllib
from pathlib import Path

from django.utils import timezone

from accounts.enums import RoleName
from groups.enums import CompetenceKind, CycleState
from groups.models import Course, GroupOffer, Session
from groups.services.courses import add_course, add_day
from groups.services.enrolments import enrol
from groups.services.plans import pick_part
from groups.services.playbook import FIELDS, add_part

PARTS = Path(__file__).parent / "playbook.toml"
COURSE = {
    "name": "Meebegeleiden in uw wijk",
    "about": "Wat een groep met mensen doet, hoe u iemand uitnodigt, en hoe u naast een groepswerker zit.",
    "grants": CompetenceKind.CO_LEAD,
    "offer": None,
    "for_role": RoleName.TEAM_MEMBER,
    "valid_months": 24,
    "cycles_beside": 0,
    "is_active": True,
}
DAYS_AHEAD = 16
HOURS = {"start_time": dt.time(9, 30), "end_time": dt.time(12, 30), "place": "Buurthuis, grote zaal", "places": 10}


def make_playbook(*, staff, now):
    """Unless the offer has parts already. staff: {e-mail: User}."""
    told = tomllib.loads(PARTS.read_text(encoding="utf-8"))
    offer = GroupOffer.objects.get(slug=told["offer"])
    if offer.playbook.exists():
        return
    coordinator, parts = staff["coordinator@socius.example"], {}
    for row in told["parts"]:
        values = {name: row.get(name, "") for name in FIELDS}
        parts[row["title"]] = add_part(offer=offer, values=values, by=coordinator)
    rows = Session.objects.planned().filter(cycle__state=CycleState.RUNNING, cycle__waitlist__offer=offer)
    session = rows.select_related("cycle__lead").order_by("date").first()
    if session is not None:
        for title in told["picked"]:
            pick_part(session=session, part=parts[title], by=session.cycle.lead, now=now)


def plan_course(*, staff, now):
    """A course for social-team members in some weeks, with one of them in it; unless there is one already."""
    if Course.objects.exists():
        return
    coordinator, today = staff["coordinator@socius.example"], timezone.localdate(now)
    course = add_course(values=COURSE, by=coordinator)
    date = today + dt.timedelta(days=DAYS_AHEAD)
    date += dt.timedelta(days=max(0, 7 - date.weekday()) if date.weekday() > 4 else 0)
    day = add_day(course=course, values={"date": date, **HOURS}, by=coordinator, today=today)
    user = staff["teamlid2@socius.example"]
    enrol(day=day, user=user, by=user, now=now)
