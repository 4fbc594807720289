"""Referrals, judgements, and what a filled-in form sends."""

import uuid
from datetime import date, time, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from clients.enums import Sex
from groups.enums import CycleState, EntryState
from groups.models import Cycle, Participation, ProblemKind, WaitlistEntry
from intake.enums import Decision, IntakeWay
from intake.models import Referral
from intake.services import SlotPlan, WantedPlace, add_slot, book_appointment, judge_referral, refer_client
from neighbourhoods.enums import PostcodeKind
from neighbourhoods.models import Municipality, Neighbourhood, PostcodeArea
from tests.factories.accounts import make_group_worker, make_social_worker, make_team_member
from tests.factories.groups import NOW
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood, make_region, make_room

BORN = date(1980, 3, 12)


def make_door(pc4="1941", name="Centrum"):
    """A neighbourhood with its catchments at all three levels, and a postcode that leads to it."""
    make_region()
    neighbourhood = Neighbourhood.objects.filter(name=name).first() or make_neighbourhood(name)
    make_postcode(pc4, neighbourhood)
    return neighbourhood


def make_postcode(pc4, *neighbourhoods, kind=PostcodeKind.ADDRESS, municipality=None):
    """A postcode area whose people live in these neighbourhoods, the first of them most."""
    municipality = municipality or neighbourhoods[0].municipality
    area, created = PostcodeArea.objects.get_or_create(
        pc4=pc4, defaults={"place": "Beverwijk", "kind": kind, "municipality": municipality}
    )
    parts = range(len(neighbourhoods), 0, -1)
    for part, neighbourhood in zip(parts, neighbourhoods, strict=True) if created else ():
        share = Decimal(part) / sum(parts)
        area.shares.create(neighbourhood=neighbourhood, share=round(share, 3), is_main=part == len(neighbourhoods))
    return area


def make_kind(code="loneliness", name="Eenzaamheid"):
    return ProblemKind.objects.get_or_create(code=code, defaults={"name_nl": name, "name_en": code})[0]


def make_referrer(first_name="Teun"):
    """A team member; the same first name is the same person."""
    return User.objects.filter(first_name=first_name).first() or make_team_member(first_name)


def make_judge(first_name="Sofie", *municipalities):
    """A social worker, of all municipalities unless told; the same first name is the same person."""
    return User.objects.filter(first_name=first_name).first() or make_social_worker(
        first_name, municipalities=municipalities or Municipality.objects.order_by("pk")
    )


def person_values(neighbourhood, **fields):
    values = {
        "given_name": "Anna",
        "name_prefix": "de",
        "family_name": "Fantasie",
        "birth_date": BORN,
        "sex": Sex.FEMALE,
        "postcode": "1941 AB",
        "neighbourhood": neighbourhood,
        "email": "anna@voorbeeld.example",
        "phone": "0612345678",
        "contact": {},
    }
    return values | fields


def make_referral(*, by=None, neighbourhood=None, now=NOW, person=None, **wishes):
    """A referral by a team member; `person` overrides fields of the client."""
    neighbourhood = neighbourhood or make_door()
    # Everybody has another name, so that nobody is the same person by accident.
    names = {"family_name": f"Fantasie {Referral.objects.count() + 1}"}
    values = {"question": "Ik ben veel alleen.", "consented": True, "feedback_allowed": True}
    return refer_client(
        person=person_values(neighbourhood, **(names | (person or {}))),
        by=by or make_referrer(),
        now=now,
        **(values | wishes),
    )


def make_judgement(referral, *, by=None, offer=None, now=NOW, catchment=None, **fields):
    """Onto the list of `offer`, unless another decision is given."""
    places = fields.pop("places", None)
    if places is None:
        places = [WantedPlace(offer, catchment or referral.neighbourhood.catchment)] if offer else []
    return judge_referral(
        referral=referral,
        by=by or make_judge(),
        now=now,
        places=places,
        **({"decision": Decision.WAITLIST} | fields),
    )


def make_seat(entry, *, state=CycleState.FORMED, starts_on=date(2026, 9, 22)):
    """A cycle with this one person in it, as the engine would leave it."""
    lead = User.objects.with_role("group_worker").first() or make_group_worker()
    cycle = Cycle.objects.create(
        waitlist=entry.waitlist,
        number=1,
        state=state,
        origin="automatic",
        minimum=3,
        soft_maximum=10,
        hard_maximum=12,
        lead=lead,
        room=make_room(),
        starts_on=starts_on,
        start_time="10:00",
        end_time="12:00",
        answer_deadline=starts_on - timedelta(days=2),
        formed_at=NOW,
    )
    WaitlistEntry.objects.filter(pk=entry.pk).update(state=EntryState.PLACED)
    return Participation.objects.create(
        cycle=cycle, client=entry.client, entry=entry, invited_at=NOW, call_from=NOW.date()
    )


def make_plan(municipality=None, **fields):
    """Mondays at ten, an hour, by telephone."""
    values = {"weekday": 0, "starts_at": time(10), "minutes": 60, "way": IntakeWay.PHONE, "room": None}
    return SlotPlan(municipality=municipality or make_municipality(), **(values | fields))


def make_slot(worker=None, *, by=None, now=NOW, valid_from=None, valid_until=None, **plan):
    """An intake slot of a social worker of all municipalities, every Monday at ten unless told otherwise."""
    worker = worker or make_judge()
    return add_slot(
        worker=worker,
        plan=make_plan(**plan),
        valid_from=valid_from or timezone.localdate(now),
        valid_until=valid_until,
        by=by or worker,
        now=now,
    )


def make_appointment(referral=None, *, slot=None, date=None, by=None, now=NOW):
    """The first occurrence of the slot after now, booked by the social worker."""
    referral = referral or make_referral()
    slot = slot or make_slot(municipality=referral.neighbourhood.municipality)
    day = date or slot.first_day()
    if date is None and slot.period_on(day)[0] <= now:
        day += timedelta(weeks=1)
    return book_appointment(referral=referral, slot=slot, date=day, by=by or slot.worker, now=now)


def refer_data(**changes):
    """What the browser sends for a complete referral; None takes a field out."""
    data = {
        "submission_key": str(uuid.uuid4()),
        "given_name": "Anna",
        "name_prefix": "de",
        "family_name": "Fantasie",
        "birth_date": "12-3-1980",
        "sex": "female",
        "postcode": "1941ab",
        "phone": "06 1234 5678",
        "email": "anna@voorbeeld.example",
        "may_mail": "on",
        "may_phone": "on",
        "question": "Ik ben veel alleen.",
        "aim": "Contact in de wijk.",
        "wished_offer": "",
        "wished_level": "",
        "consent": "on",
        "feedback_allowed": "on",
    }
    return {name: value for name, value in (data | changes).items() if value is not None}


def judge_data(**changes):
    """What the browser sends for a judgement; None takes a field out."""
    ask_on = timezone.localdate() + timedelta(days=14)
    data = {"decision": "waitlist", "may_mail": "on", "may_phone": "on", "follow_up_on": ask_on.isoformat()}
    return {name: value for name, value in (data | changes).items() if value is not None}
