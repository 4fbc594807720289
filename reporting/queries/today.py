"""What asks for somebody today, as rows. Each is one statement, however many rows there are."""

import datetime as dt
import uuid

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from accounts.models import RoleAssignment, User
from clients.enums import FollowUpAbout
from clients.models import Client, FollowUp
from groups.contacts import talks_since
from groups.enums import CycleState, SessionState, TalkMoment
from groups.models import Cycle, HistoryEntry, Participation, Session, SessionReport, Waitlist, WaitlistEntry
from groups.notifications import INVITATION
from groups.queries import held_number
from groups.services.files import AFTERCARE
from intake.models import Referral
from intake.queries import with_status_facts
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment
from notifications.enums import NotificationState
from notifications.models import Notification

# Older than this, a mail that failed or a follow-up that passed is history and no longer a task.
TASK_DAYS = 14
# So long a session can still be closed from Today; as long as its leaders may open the files.
CLOSE_DAYS = AFTERCARE


def calls_to_make(user, *, today):
    """R21: who was invited without mail, or has not answered; the soonest group first. With `may_open`: the file."""
    return (
        Participation.objects.visible_to(user)
        .to_call(today=today)
        .with_first_day()
        .annotate(may_open=Exists(Client.objects.visible_to(user).filter(pk=OuterRef("client"))))
        .select_related(
            "client__contact", "cycle__lead", "cycle__waitlist__offer", "cycle__waitlist__catchment__municipality"
        )
        .defer("cycle__waitlist__catchment__municipality__polygon")
    )


def talks_before_first_session(user):
    """R8: acquaintance talks that the leader still has to hold, of who comes to a first session (R22)."""
    return (
        Participation.objects.visible_to(user)
        .counting()
        .before_first_session()
        .with_first_day()
        .filter(
            cycle__lead=user,
            cycle__waitlist__offer__talk_moment=TalkMoment.BEFORE_FIRST_SESSION,
            talk_held_on=None,
            entry__talk_held_on=None,
            entry__continues=None,
        )
        .select_related("client__contact", "cycle__waitlist__offer", "cycle__waitlist__catchment__municipality")
        .defer("cycle__waitlist__catchment__municipality__polygon")
        .order_by("cycle__starts_on", "cycle", "invited_at", "pk")
    )


def talks_before_placement(user):
    """R8: who was spoken to and waits for the talk with the group worker, the longest waiting first."""
    return (
        WaitlistEntry.objects.visible_to(user)
        .waiting()
        .filter(
            waitlist__offer__talk_moment=TalkMoment.BEFORE_PLACEMENT,
            waitlist__offer__is_active=True,
            talk_held_on=None,
            is_on_hold=False,
            judged_at__isnull=False,
        )
        .filter(Exists(talks_since()))
        .select_related("client__contact", "waitlist__offer", "waitlist__catchment__municipality")
        .defer("waitlist__catchment__municipality__polygon")
        .order_by("waiting_since", "pk")
    )


def sessions_of(user, *, first, last):
    """Planned sessions that this person leads or co-leads between two days, with `people` who count on it.

    And those of before, until somebody closes them (R25); `is_closed` says so of each.
    """
    people = (
        Participation.objects.counting()
        .filter(cycle=OuterRef("cycle"))
        .order_by()
        .values("cycle")
        .annotate(count=Count("pk"))
        .values("count")
    )
    to_close = Q(is_closed=False, date__lte=first, state=SessionState.HELD)
    return (
        Session.objects.visible_to(user)
        .between(first - CLOSE_DAYS, last)
        .annotate(is_closed=Exists(SessionReport.objects.filter(session=OuterRef("pk"), closed_at__isnull=False)))
        .filter(Q(state=SessionState.PLANNED) | to_close, staff__user=user)
        .select_related("room__venue", "cycle__waitlist__offer", "cycle__waitlist__catchment__municipality")
        .defer("cycle__waitlist__catchment__municipality__polygon")
        .annotate(people=Coalesce(Subquery(people), 0), held_number=held_number())
        .order_by("date", "start_time", "pk")
    )


def blocked_lists(user):
    """R19: lists with people waiting for which the engine found why nothing starts; the longest waiting first."""
    return _with_area(
        Waitlist.objects.visible_to(user)
        .with_counts()
        .filter(waiting_count__gt=0)
        .exclude(reasons=[])
        .order_by("waiting_since", "pk")
    )


def failed_mail_participations(user, *, now):
    """Participants in coming or running cycles whom a mail did not reach these weeks; never the address.

    Not those whom this user follows up for it: that is the task then, until somebody settles it (R10).
    """
    lost = Notification.objects.undelivered().filter(created_at__gte=now - dt.timedelta(days=TASK_DAYS))
    keys = lost.exclude(state=NotificationState.WITHDRAWN, kind=INVITATION)  # that one is a call to make already
    ids = {found for key in keys.values_list("dedupe_key", flat=True) if (found := _participation_in(key))}
    if not ids:
        return Participation.objects.none()
    followed = FollowUp.objects.for_today_of(user, now=now).open().filter(about=FollowUpAbout.MAIL_RETURNED)
    return (
        Participation.objects.visible_to(user)
        .counting()
        .with_first_day()
        .filter(public_id__in=ids, cycle__in=Cycle.objects.live().order_by())
        .exclude(client__in=followed.order_by().values("client"))
        .select_related(
            "client__contact", "cycle__lead", "cycle__waitlist__offer", "cycle__waitlist__catchment__municipality"
        )
        .defer("cycle__waitlist__catchment__municipality__polygon")
        .order_by("cycle__starts_on", "cycle", "pk")
    )


def _participation_in(dedupe_key):
    """groups.notifications keeps a mail single by 'kind:participation:…'; None for any other mail."""
    try:
        return uuid.UUID((dedupe_key or "").split(":")[1])
    except (IndexError, ValueError):
        return None


def failed_mail_count(*, now):
    return Notification.objects.failed().filter(created_at__gte=now - dt.timedelta(days=TASK_DAYS)).count()


def own_referrals(user):
    """R9: one's own referrals, what changed last on top; a change the client did not agree to tell moves nothing."""
    told = HistoryEntry.objects.filter(entry__referral_placements__referral=OuterRef("pk")).order_by("-at")
    known = Greatest("received_at", "judgement__judged_at")
    changed = Greatest(known, Subquery(told.values("at")[:1]))
    return (
        with_status_facts(Referral.objects.referred_by_user(user))
        .annotate(
            changed_at=Case(When(feedback_allowed=True, has_feedback_consent=True, then=changed), default=known),
        )
        .order_by("-changed_at", "-pk")
    )


def catchments_near(user):
    """The catchments of somebody's social teams, and what lies around them: their municipality's, the region's."""
    teams = Q(social_teams__memberships__user=user)
    around = Q(level=CatchmentLevel.MUNICIPALITY, municipality__social_teams__memberships__user=user)
    return Catchment.objects.filter(teams | around | Q(level=CatchmentLevel.REGION)).order_by()


def groups_with_places(user, *, today):
    """Groups near one's team that start soon and have places left; with `taken`. No offer that is not to be named."""
    near = Cycle.objects.filter(
        waitlist__catchment__in=catchments_near(user).values("pk"),
        waitlist__offer__is_sensitive=False,
        state=CycleState.FORMED,
        starts_on__gt=today,
    )
    rows = _with_place(near).with_taken().filter(taken__lt=F("soft_maximum"))
    return rows.order_by("starts_on", "start_time", "pk")


def lists_nearly_full(user, *, missing=2):
    """Lists near one's team that wait for one or two more; with `still_needed`. Counts only, no people."""
    minimum = Coalesce("own_minimum", "offer__minimum")
    return _with_area(
        Waitlist.objects.filter(
            catchment__in=catchments_near(user).values("pk"), offer__is_active=True, offer__is_sensitive=False
        )
        .annotate(still_needed=Coalesce(minimum, Value(0), output_field=IntegerField()) - F("placeable_count"))
        .filter(still_needed__gt=0, still_needed__lte=missing, placeable_count__gt=0)
        .order_by("still_needed", "pk")
    )


def cycles_formed_since(user, moment):
    """Cycles formed since a moment and not cancelled; with `taken`."""
    formed = Cycle.objects.visible_to(user).filter(formed_at__gte=moment).exclude(state=CycleState.CANCELLED)
    return _with_place(formed).with_taken().order_by("-formed_at", "-pk")


def people_by_role():
    """{role: how many active users hold it}, and how many active users hold none: (dict, count)."""
    rows = RoleAssignment.objects.filter(user__is_active=True).values("role").annotate(count=Count("pk"))
    counts = {row["role"]: row["count"] for row in rows.order_by("role")}
    holders = RoleAssignment.objects.filter(user=OuterRef("pk"))
    return counts, User.objects.filter(~Exists(holders), is_active=True).count()


def _with_place(cycles):
    return cycles.select_related("waitlist__offer", "waitlist__catchment__municipality").defer(
        "waitlist__catchment__municipality__polygon"
    )


def _with_area(waitlists):
    return waitlists.select_related("offer", "catchment__municipality").defer("catchment__municipality__polygon")
