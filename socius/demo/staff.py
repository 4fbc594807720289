"""Invented colleagues: their roles, where they work, what they may lead and when they can."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from accounts.enums import RoleName
from accounts.models import User
from accounts.services import make_user, set_weekly_availability
from groups.enums import CompetenceKind
from groups.models import Competence
from neighbourhoods.models import Municipality, SocialTeam, TeamMembership, WorkArea
from socius.demo import DEMO_PASSWORD

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
WORKDAY = (dt.time(9), dt.time(17))
AFTERNOON = (dt.time(12), dt.time(17))
EVENING = (dt.time(19), dt.time(22))


@dataclass(frozen=True)
class Colleague:
    """teams: codes of social teams. week: {weekday: the windows of that day}, in local time."""

    email: str
    first_name: str
    last_name: str
    role: RoleName
    competence: CompetenceKind | None = None
    teams: tuple[str, ...] = ()
    week: dict = None


def _week(*days, evenings=(), hours=WORKDAY):
    return {day: [hours] * (day in days) + [EVENING] * (day in evenings) for day in range(5)}


# Nobody who may lead works on Friday evening: one of the demo's lists is waiting for that.
COLLEAGUES = (
    Colleague("coordinator@socius.example", "Carla", "Coördinata", RoleName.COORDINATOR),
    Colleague(
        "groepswerker@socius.example",
        "Wietske",
        "Voorbeeld",
        RoleName.GROUP_WORKER,
        CompetenceKind.LEAD,
        week=_week(MONDAY, TUESDAY, THURSDAY, FRIDAY, evenings=(TUESDAY, THURSDAY)),
    ),
    Colleague(
        "groepswerker2@socius.example",
        "Joris",
        "Demo",
        RoleName.GROUP_WORKER,
        CompetenceKind.LEAD,
        week=_week(MONDAY, TUESDAY, WEDNESDAY, THURSDAY, evenings=(MONDAY, WEDNESDAY)),
    ),
    Colleague(
        "groepswerker3@socius.example",
        "Samira",
        "Proef",
        RoleName.GROUP_WORKER,
        CompetenceKind.LEAD,
        week=_week(TUESDAY, WEDNESDAY, FRIDAY, evenings=(TUESDAY, WEDNESDAY), hours=AFTERNOON),
    ),
    Colleague(
        "maatschappelijk@socius.example",
        "Marijke",
        "Fictief",
        RoleName.SOCIAL_WORKER,
        CompetenceKind.CO_LEAD,
        week=_week(MONDAY, WEDNESDAY, FRIDAY, evenings=(MONDAY,)),
    ),
    Colleague(
        "maatschappelijk2@socius.example",
        "Youssef",
        "Denkbeeld",
        RoleName.SOCIAL_WORKER,
        CompetenceKind.CO_LEAD,
        week=_week(TUESDAY, THURSDAY, evenings=(TUESDAY,)),
    ),
    Colleague(
        "teamlid@socius.example",
        "Fatima",
        "Bedacht",
        RoleName.TEAM_MEMBER,
        CompetenceKind.CO_LEAD,
        teams=("beverwijk-west", "beverwijk-oost"),
        week=_week(MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, evenings=(TUESDAY, WEDNESDAY)),
    ),
    Colleague(
        "teamlid2@socius.example",
        "Henk",
        "Verzonnen",
        RoleName.TEAM_MEMBER,
        CompetenceKind.CO_LEAD,
        teams=("heemskerk",),
        week=_week(MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, evenings=(TUESDAY, WEDNESDAY, THURSDAY)),
    ),
    Colleague(
        "teamlid3@socius.example",
        "Sanne",
        "Schijnbaar",
        RoleName.TEAM_MEMBER,
        CompetenceKind.CO_LEAD,
        teams=("velsen",),
        week=_week(MONDAY, TUESDAY, THURSDAY, FRIDAY, evenings=(MONDAY, THURSDAY, FRIDAY)),
    ),
    Colleague("loket@socius.example", "Loes", "Loketta", RoleName.DESK),
    Colleague("beheer@socius.example", "Bram", "Beheerder", RoleName.ADMINISTRATOR),
    Colleague("huisarts@socius.example", "Dr. Ypma", "Nepnaam", RoleName.REFERRER),
)


def make_staff(*, today):
    """Add the colleagues that are not there yet; one that is there keeps what was changed. {e-mail: User}."""
    known = {user.email: user for user in User.objects.filter(email__in=[row.email for row in COLLEAGUES])}
    password = make_password(DEMO_PASSWORD)  # once for all: hashing is meant to be slow
    for row in COLLEAGUES:
        if row.email not in known:
            known[row.email] = _add(row, password, today)
    return known


def _add(row, password, today):
    user = make_user(email=row.email, first_name=row.first_name, last_name=row.last_name, roles=[row.role])
    user.password = password
    user.save(update_fields=["password"])
    if row.role in (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER, RoleName.DESK):
        WorkArea.objects.bulk_create(WorkArea(user=user, municipality=place) for place in Municipality.objects.all())
    for team in SocialTeam.objects.filter(code__in=row.teams):
        TeamMembership.objects.create(user=user, team=team)
    if row.competence:
        granted_on = today - dt.timedelta(days=365)
        Competence.objects.create(user=user, kind=row.competence, offer=None, granted_on=granted_on)
    windows = [(day, *window) for day, hours in (row.week or {}).items() for window in hours]
    set_weekly_availability(user=user, windows=windows, by=user)
    return user
