"""What happened lately in the demo: referrals, waitlists, cycles. Told day by day through the real services."""

import datetime as dt
import tomllib
from pathlib import Path

from django.utils import timezone

from accounts.periods import local_moment, local_period
from clients.enums import ContactWay
from clients.services import note_contact
from groups.models import GroupOffer, Participation, ProblemKind
from groups.services.capacity import take_leave
from groups.services.cycles import settle_cycles
from groups.services.invitations import answer_invitation
from groups.services.starting import start_due_waitlists
from intake.enums import Decision
from intake.models import Referral
from intake.services import WantedPlace, judge_referral, refer_client, save_draft
from neighbourhoods.models import Neighbourhood
from neighbourhoods.queries import catchment_of
from notifications.services import send_notifications
from socius.demo.desk import book_an_intake, miss_an_intake, open_desk

RESIDENTS = Path(__file__).parent / "residents.toml"
MORNING = dt.time(10, 15)
# Days ago on which somebody starts or joins in this story; the engine need not look on the others.
LOOKS = (34, 33, 1)
# So long ago somebody was booked for an intake and did not come.
MISSED = 12
# Who said yes to the invitation, and how many days ago.
YES = {"Anja": 34, "Piet": 33, "Mina": 33, "Omar": 33, "Trudy": 1}


def tell_story(*, staff, now):
    """Everything up to `now`, unless somebody was referred already. Returns how many referrals were made."""
    if Referral.objects.exists():
        return 0
    teller = Teller(staff)
    teller.plan_leave(now)
    open_desk(staff=teller.staff, now=now)
    rows = tomllib.loads(RESIDENTS.read_text(encoding="utf-8"))["residents"]
    for days_ago in range(max(row["days_ago"] for row in rows), 0, -1):
        day = local_moment(timezone.localdate(now) - dt.timedelta(days=days_ago), MORNING)
        teller.tell_day(rows, days_ago, day)
    teller.pause_an_intake(now)
    start_due_waitlists(now=now)
    settle_cycles(now=now)
    book_an_intake(desk=teller.staff["loket"], now=now)
    return len(rows)


class Teller:
    """Keeps who is who while the story is told."""

    def __init__(self, staff):
        self.staff = {email.partition("@")[0]: user for email, user in staff.items()}
        self.neighbourhoods = Neighbourhood.objects.select_related("catchment").in_bulk()
        self.kinds = ProblemKind.objects.in_bulk()
        self.offers = {offer.slug: offer for offer in GroupOffer.objects.all()}
        self.referrals = {}

    def plan_leave(self, now):
        """A week off, some weeks from now: the engine and the schedule take it into account."""
        user, today = self.staff["groepswerker2"], timezone.localdate(now)
        monday = today + dt.timedelta(days=21 - today.weekday())
        starts_at, ends_at = local_period(monday, monday + dt.timedelta(days=4))
        take_leave(user=user, starts_at=starts_at, ends_at=ends_at, by=user, now=now, note="Een week vrij")

    def tell_day(self, rows, days_ago, day):
        for row in rows:
            if row["days_ago"] == days_ago:
                self.referrals[row["name"][0]] = self.refer(row, day)
            if row["days_ago"] - row.get("judged_after", 1000) == days_ago:
                self.judge(row, day)
        if days_ago == MISSED:
            miss_an_intake(desk=self.staff["loket"], day=day)
        if days_ago in LOOKS:
            start_due_waitlists(now=day)
            send_notifications(now=day, limit=1000)
        for name, answered in YES.items():
            if answered == days_ago:
                for invited in Participation.objects.filter(client__given_name=name).order_by("pk"):
                    answer_invitation(participation=invited, coming=True, now=day)
        settle_cycles(now=day)

    def refer(self, row, day):
        given_name, family_name = row["name"]
        number = len(self.referrals) + 1
        person = {
            "given_name": given_name,
            "family_name": family_name,
            "birth_date": dt.date(row["born"], 1 + number % 12, 1 + number % 28),
            "sex": row["sex"],
            "postcode": row["postcode"],
            "neighbourhood": self.neighbourhoods[row["wijk"]],
            "phone": f"06000000{number:02d}",
            "email": f"{given_name}.{family_name}@voorbeeld.example".lower() if row.get("has_mail", True) else "",
            "contact": row.get("contact", {}),
        }
        return refer_client(
            person=person,
            question=row["question"],
            problem_kinds=[self.kinds[code] for code in row["kinds"]],
            availability=[tuple(part) for part in row.get("availability", ())],
            consented=True,
            feedback_allowed=True,
            by=self.staff[row["referred_by"]],
            now=day,
        )

    def judge(self, row, day):
        referral, places = self.referrals[row["name"][0]], []
        if "offer" in row:
            offer = self.offers[row["offer"]]
            catchment = catchment_of(referral.neighbourhood, offer.level)
            places = [WantedPlace(offer=offer, catchment=catchment, problem_kind=self.kinds[row["kinds"][0]])]
        asked = {}
        if "follow_up_after" in row:
            asked = {"follow_up_on": timezone.localdate(day) + dt.timedelta(days=row["follow_up_after"])}
        judge_referral(
            referral=referral,
            decision=row.get("decision", Decision.WAITLIST),
            places=places,
            by=self.staff["maatschappelijk"],
            now=day,
            **row.get("judgement", {}),
            **asked,
        )
        if row.get("spoken", True):
            worker = self.staff["maatschappelijk"]
            note_contact(client=referral.client, way=ContactWay.INTAKE, is_reached=True, by=worker, at=day, now=day)

    def pause_an_intake(self, now):
        """Ellen's intake was begun this morning, and is gone on with later."""
        typed = {
            "question": ["Ik slaap slecht en kom nergens meer toe."],
            "client_type": ["customer"],
            "problem_kinds": ["psychosocial"],
            "notes": ["Zoekt nog uit op welke ochtend zij kan."],
            "decision": ["waitlist"],
            "may_mail": ["on"],
            "may_phone": ["on"],
        }
        begun = now - dt.timedelta(hours=1)
        worker = self.staff["maatschappelijk"]
        save_draft(referral=self.referrals["Ellen"], values=typed, version=0, by=worker, now=begun)
