"""What the pages of group work read; each list costs the same number of statements however long it is."""

from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, TextChoices, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from groups.contacts import with_last_talk
from groups.enums import COUNTING_PARTICIPATIONS, CycleState, EntryState, HistoryCode, SessionState
from groups.models import (
    Cycle,
    GroupOffer,
    HistoryEntry,
    Participation,
    Session,
    SessionStaff,
    Waitlist,
    WaitlistEntry,
)
from groups.models.waitlists import nameable
from groups.permissions import can_see_participants, can_see_passed_over
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment, Municipality, Venue

HISTORY_ROWS = 40
# What no sign-up changes: somebody must change the offer or the list first.
NEVER_STARTS = ("no_minimum", "offer_incomplete", "offer_inactive", "theme_not_in_neighbourhood")
NEED_MORE = "need_more"
BY_CLICK = "ready_by_click"
# Outlines and key figures are long and no list shows them.
_HEAVY = ("municipality__polygon", "municipality__figures")


class ListState(TextChoices):
    """How a waitlist stands, as one word to filter by."""

    FEW = "few", _("too few people")
    BLOCKED = "blocked", _("waits for leaders or a room")
    NO_START = "no_start", _("does not start by itself")
    PREPARED = "prepared", _("ready, waits for a click")
    READY = "ready", _("about to start")
    EMPTY = "empty", _("nobody waits")


# --- offers ----------------------------------------------------------------------------------------------------------


def offers_page(*, today):
    """Active offers with how many wait anywhere (`waiting`) and when the next formed cycle starts (`next_start`)."""
    waiting = (
        Waitlist.objects.filter(offer=OuterRef("pk"), entries__state=EntryState.WAITING)
        .order_by()
        .values("offer")
        .annotate(count=Count("entries"))
        .values("count")
    )
    coming = Cycle.objects.filter(waitlist__offer=OuterRef("pk"), state=CycleState.FORMED, starts_on__gt=today)
    return (
        GroupOffer.objects.active()
        .annotate(
            waiting=Coalesce(Subquery(waiting), 0),
            next_start=Subquery(coming.order_by("starts_on").values("starts_on")[:1]),
        )
        .prefetch_related("municipalities")
        .order_by("name")
    )


def lists_of(offer):
    """This offer's waitlists, with counts only."""
    return _light(offer.waitlists.with_counts()).order_by("-placeable_count", "catchment__name", "pk")


def near(user):
    """Catchments of who refers or works here: their teams', those of their municipalities, and the region's (R37)."""
    here = Municipality.objects.filter(Q(work_areas__user=user) | Q(social_teams__memberships__user=user)).order_by()
    mine = Q(social_teams__memberships__user=user) | Q(level=CatchmentLevel.REGION)
    wide = Q(level=CatchmentLevel.MUNICIPALITY, municipality__in=here.values("pk"))
    worked = Q(municipality__work_areas__user=user)
    return Catchment.objects.filter(mine | wide | worked).order_by()


def coming_cycles(offer, user, *, today):
    """Cycles that newcomers can still join, with `taken` places (R12); those near this user first, as `is_near`."""
    cycles = Cycle.objects.filter(waitlist__offer=offer, state=CycleState.FORMED, starts_on__gt=today)
    return (
        cycles.with_taken()
        .select_related("room__venue", "waitlist__offer", "waitlist__catchment__municipality")
        .defer(*(f"waitlist__catchment__{field}" for field in _HEAVY))
        .annotate(is_near=Case(When(waitlist__catchment__in=near(user).values("pk"), then=True), default=False))
        .order_by("-is_near", "starts_on", "start_time", "pk")
    )


# --- waitlists -------------------------------------------------------------------------------------------------------


def _light(waitlists):
    return waitlists.select_related("offer", "catchment__municipality").defer(
        *(f"catchment__{field}" for field in _HEAVY)
    )


def waitlists_page(user, *, now, municipality="", offer="", state=""):
    """Waitlists visible to this user, the longest waiting first; without a state, those that somebody waits on."""
    rows = _light(Waitlist.objects.visible_to(user).with_counts())
    if municipality:
        rows = rows.filter(catchment__municipality=municipality)
    if offer:
        rows = rows.filter(offer__slug=offer)
    rows = rows.annotate(needed=Coalesce("own_minimum", "offer__minimum"))
    return rows.filter(_in_state(state, now)).order_by(F("waiting_since").asc(nulls_last=True), "offer__name", "pk")


def _in_state(state, now):
    waits = Q(waiting_count__gt=0)
    never = Q(needed__isnull=True) | _has_reason(*NEVER_STARTS)
    enough = Q(needed__isnull=False, placeable_count__gte=F("needed"))
    looking = Q(reasons=[]) | Q(due_at__isnull=False, due_at__lte=now) | _has_reason(NEED_MORE)
    prepared = (Q(is_manual=True) | Q(catchment__is_manual=True)) & _has_reason(BY_CLICK)
    open_ = waits & ~never & ~prepared
    return {
        ListState.FEW: open_ & Q(placeable_count__lt=F("needed")),
        ListState.BLOCKED: open_ & enough & ~looking,
        ListState.NO_START: waits & never,
        ListState.PREPARED: waits & ~never & prepared,
        ListState.READY: open_ & enough & looking,
        ListState.EMPTY: Q(waiting_count=0),
    }.get(state, waits)


def _has_reason(*codes):
    found = Q()
    for code in codes:
        found |= Q(reasons__contains=[{"code": code}])
    return found


def list_state(waitlist, *, now):
    """The ListState of one waitlist with counts; the same lines as _in_state draws.

    READY: enough people and the engine is still to look, so what it said last holds no more.
    """
    codes = {reason["code"] for reason in waitlist.reasons}
    if not waitlist.waiting_count:
        return ListState.EMPTY
    if waitlist.minimum is None or codes & set(NEVER_STARTS):
        return ListState.NO_START
    if waitlist.waits_for_click and BY_CLICK in codes:
        return ListState.PREPARED
    if waitlist.placeable_count < waitlist.minimum:
        return ListState.FEW
    is_due = waitlist.due_at is not None and waitlist.due_at <= now
    return ListState.READY if not codes or is_due or NEED_MORE in codes else ListState.BLOCKED


def waitlist_filters(user):
    """(municipalities, offers) that the lists visible to this user can be narrowed to."""
    lists = Waitlist.objects.visible_to(user).order_by()
    municipalities = Municipality.objects.filter(pk__in=lists.values("catchment__municipality"))
    offers = GroupOffer.objects.filter(pk__in=lists.values("offer"))
    return municipalities.only("code", "name").order_by("name"), offers.only("slug", "name").order_by("name")


def waitlist_detail(user):
    return _light(Waitlist.objects.visible_to(user).with_counts())


def lists_in(catchment):
    """All waitlists of an area."""
    return catchment.waitlists.select_related("offer").order_by("offer__name", "pk")


def waiting_people(waitlist, user):
    """Waiting entries in order (R17), with the client and `reached_at` (R7), for who may see names; else nothing."""
    entries = with_last_talk(waitlist.entries.visible_to(user).waiting().in_order())
    return entries.select_related("client__contact", "client__key", "problem_kind")


def openable_clients(user, client_ids):
    """Which of these clients' files this user may open."""
    return set(Client.objects.visible_to(user).filter(pk__in=client_ids).order_by().values_list("pk", flat=True))


def cycles_of(waitlist):
    """Cycles that came of this list, the newest first."""
    return waitlist.cycles.with_taken().select_related("lead").order_by("-starts_on", "-pk")


def cycles_since(waitlist, number):
    """Cycles that came of this list after it had made so many, the first of them first."""
    return waitlist.cycles.filter(number__gt=number).select_related("formed_by").order_by("number")


def all_history_of(user, **subject):
    """All rows about a waitlist, cycle …, the newest first; who was passed and why only for who places (R18).

    With `may_name`: whether the person it is about may be named to this user (R40).
    """
    rows = HistoryEntry.objects.filter(**subject).select_related("by", "session", "entry__client")
    known = WaitlistEntry.objects.filter(nameable("waitlist__offer", user), pk=OuterRef("entry"))
    rows = rows.annotate(may_name=Exists(known), session_number=held_number("session__"))
    if not can_see_passed_over(user):
        rows = rows.exclude(code=HistoryCode.ENTRY_PASSED)
    return rows.order_by("-at", "-pk")


def history_of(user, **subject):
    """The last of them, for a page that is about something else too."""
    return all_history_of(user, **subject)[:HISTORY_ROWS]


# --- cycles and sessions ---------------------------------------------------------------------------------------------


def joined_list(waitlist):
    """R11: the list on which people wait now, if this area was joined with another."""
    host = waitlist.catchment.joined_into_id
    return None if host is None else Waitlist.objects.filter(offer=waitlist.offer_id, catchment=host).first()


def cycle_detail(user):
    """Cycles visible to this user with team, room and `taken`."""
    return (
        Cycle.objects.visible_to(user)
        .with_taken()
        .select_related("lead", "co_lead", "formed_by", "room__venue")
        .select_related("waitlist__offer", "waitlist__catchment__municipality")
        .defer(*(f"waitlist__catchment__{field}" for field in _HEAVY))
    )


def held_number(at=""):
    """Which session of its cycle this is for who comes: 1..n of those that are held, None for a cancelled one.

    Read as an annotation; `at` is the way to the session. Session.number is only what keeps them apart and in order.
    """
    so_far = Session.objects.filter(cycle=OuterRef(f"{at}cycle"), number__lte=OuterRef(f"{at}number"))
    so_far = so_far.exclude(state=SessionState.CANCELLED).order_by().values("cycle")
    counted = Subquery(so_far.annotate(count=Count("pk")).values("count"))
    return Case(When(**{f"{at}state": SessionState.CANCELLED}, then=None), default=counted)


def formed_with(waitlist, entry_ids):
    """The live cycle of this list in which all these entries have a place; None when there is no such cycle."""
    places = {"participations__entry__in": entry_ids, "participations__state__in": COUNTING_PARTICIPATIONS}
    cycles = (
        waitlist.cycles.live().filter(**places).annotate(found=Count("participations")).select_related("formed_by")
    )
    return cycles.filter(found=len(entry_ids), found__gt=0).order_by("-formed_at", "-pk").first()


def sessions_of(cycle):
    sessions = cycle.sessions.annotate(held_number=held_number()).select_related("room__venue")
    return with_staff(sessions).order_by("number")


def with_staff(sessions):
    """Sessions with `staff`, the leader first."""
    staff = SessionStaff.objects.select_related("user").order_by("-seat", "pk")
    return sessions.prefetch_related(Prefetch("staff", queryset=staff))


def participants_of(cycle, user):
    """Participations with the client, for who may see names; the first invited first (R41)."""
    if not can_see_participants(user):
        return Participation.objects.none()
    rows = cycle.participations.visible_to(user).select_related("client__contact", "entry", "answered_by")
    return rows.order_by("entry__waiting_since", "pk")


def may_know_place(user, venue):
    """R40: a hidden place is told to who needs it: those who lead there see it through their own cycle."""
    return not venue.is_hidden or Venue.objects.visible_to(user).filter(pk=venue.pk).exists()


def upcoming_leave(user, *, now):
    """Leave that is not over yet."""
    return user.bookings.leave().filter(period__endswith__gt=now).order_by("period")


def seats_behind(bookings):
    """The session seats that these bookings were made for, with their cycles, the earliest first."""
    return (
        SessionStaff.objects.filter(booking__in=[booking.pk for booking in bookings])
        .select_related("session__cycle__waitlist__offer")
        .order_by("session__date", "session__start_time", "pk")
    )
