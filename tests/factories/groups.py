"""Group work: an offer, a list with people on it, and all that a lawful start needs."""

import datetime as dt
from itertools import count

from accounts.enums import RoleName
from accounts.models import User
from accounts.services import set_weekly_availability
from groups.enums import CompetenceKind, TalkMoment
from groups.models import Competence, Cycle, GroupOffer
from groups.services.starting import start_due_waitlists
from groups.services.waitlists import join_waitlist, waitlist_for
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import SocialTeam, TeamMembership, WorkArea
from tests.factories.accounts import make_user
from tests.factories.clients import make_client
from tests.factories.neighbourhoods import local, make_municipality, make_neighbourhood, make_room

# A Monday morning with no public holiday in the next weeks.
NOW = local(2026, 9, 7, 10)
TODAY = NOW.date()
ALL_WEEK = [(day, dt.time(9), dt.time(22)) for day in range(5)]
CLIENT_FIELDS = {
    "birth_date",
    "consented",
    "contact",
    "email",
    "family_name",
    "given_name",
    "refuses_own_neighbourhood",
    "sex",
}
_number = count(1)


def make_offer(**fields):
    """Like the Krachtcentrale: five sessions of two hours, from three people, in the neighbourhood."""
    number = next(_number)
    values = {
        "slug": f"aanbod-{number}",
        "name": f"Aanbod {number}",
        "level": CatchmentLevel.NEIGHBOURHOOD,
        "may_run_in_neighbourhood": fields.get("level", CatchmentLevel.NEIGHBOURHOOD) == CatchmentLevel.NEIGHBOURHOOD,
        "sessions_count": 5,
        "session_minutes": 120,
        "minimum": 3,
        "soft_maximum": 10,
        "hard_maximum": 12,
        "talk_moment": TalkMoment.BEFORE_FIRST_SESSION,
    }
    return GroupOffer.objects.create(**(values | fields))


def make_waitlist(offer=None, *, catchment=None, neighbourhood=None):
    """The list of an offer in a catchment; of a new neighbourhood, unless told otherwise."""
    if catchment is None:
        catchment = (neighbourhood or make_neighbourhood(f"Wijk {next(_number)}")).catchment
    return waitlist_for(offer=offer or make_offer(), catchment=catchment)


def make_worker(first_name=None, *, lead=False, role=None, municipality=None, catchment=None, **fields):
    """Somebody who may lead (a group worker) or co-lead (a team member), free from 9 to 22 on weekdays.

    With a catchment they are in its social team. `windows`, `granted_on` and `expires_on` can be given.
    """
    windows = fields.pop("windows", ALL_WEEK)
    dates = {"granted_on": fields.pop("granted_on", dt.date(2020, 1, 1)), "expires_on": fields.pop("expires_on", None)}
    role = role or (RoleName.GROUP_WORKER if lead else RoleName.TEAM_MEMBER)
    user = make_user(first_name or f"Werker{next(_number)}", role, **fields)
    kind = CompetenceKind.LEAD if lead else CompetenceKind.CO_LEAD
    Competence.objects.create(user=user, kind=kind, **dates)
    if municipality is not None:
        WorkArea.objects.create(user=user, municipality=municipality)
    if catchment is not None:
        join_team(user, catchment)
    set_weekly_availability(user=user, windows=windows, by=user)
    return user


def join_team(user, catchment):
    """Make somebody a member of the social team of a catchment."""
    team, _created = SocialTeam.objects.get_or_create(
        code=f"team-{catchment.code}",
        defaults={"name": f"Sociaal team {catchment.code}", "municipality": catchment.municipality},
    )
    team.catchments.add(catchment)
    return TeamMembership.objects.get_or_create(team=team, user=user)[0]


def make_entry(waitlist, *, client=None, placeable=True, days=14, now=NOW, by=None, **fields):
    """Somebody on a list who has waited `days`. placeable=False: still to be judged."""
    number = next(_number)
    client_fields = {name: fields.pop(name) for name in list(fields) if name in CLIENT_FIELDS}
    if client is None:
        values = {"family_name": f"Proef{number}", "email": f"proef{number}@voorbeeld.example"}
        neighbourhood = waitlist.catchment.neighbourhoods.order_by("pk").first()
        client = make_client(now=now, neighbourhood=neighbourhood, **(values | client_fields))
    return join_waitlist(
        client=client,
        offer=waitlist.offer,
        catchment=waitlist.catchment,
        waiting_since=now.date() - dt.timedelta(days=days),
        by=by or staff_member(),
        now=now,
        judged=placeable,
        **fields,
    )


def staff_member():
    """Who judged, where it does not matter who; always the same one."""
    email = "oordeel@socius.example"
    found = User.objects.filter(email=email).first()
    return found or make_user("Olga", RoleName.SOCIAL_WORKER, last_name="Oordeel", email=email)


def make_team_and_room(waitlist, *, capacity=None):
    """A lead, a team member for the second seat and a room for this list: (lead, second, room)."""
    municipality = waitlist.catchment.municipality or make_municipality()
    neighbourhood = waitlist.catchment.neighbourhoods.order_by("pk").first()
    lead = make_worker(lead=True, municipality=municipality)
    in_team = waitlist.catchment if waitlist.catchment.level == CatchmentLevel.NEIGHBOURHOOD else None
    second = make_worker(catchment=in_team)
    room = make_room(name_of_venue=f"Buurthuis {next(_number)}", neighbourhood=neighbourhood, now=NOW)
    if capacity is not None:
        room.capacity = capacity
        room.save(update_fields=["capacity"])
    return lead, second, room


def ready_waitlist(n=3, *, offer=None, neighbourhood=None, now=NOW):
    """A list with n placeable people and everything for a lawful start; the next sweep starts it."""
    waitlist = make_waitlist(offer, neighbourhood=neighbourhood)
    make_team_and_room(waitlist)
    for number in range(n):
        make_entry(waitlist, days=30 - number, now=now)
    return waitlist


def sweep(now=NOW):
    """One look of the engine at all that is due."""
    return start_due_waitlists(now=now)


def make_cycle(n=3, *, now=NOW, **fields):
    """A cycle that the engine formed from a ready waitlist."""
    waitlist = ready_waitlist(n, now=now, **fields)
    sweep(now)
    return Cycle.objects.get(waitlist=waitlist)


def fresh(thing):
    """As the database has it now."""
    return type(thing)._default_manager.get(pk=thing.pk)
