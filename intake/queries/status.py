"""What became of a referral: status lines for referrers, and what a judgement led to."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.db.models import Exists, OuterRef, Prefetch, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from clients.enums import ConsentPurpose
from clients.models import Consent
from groups.contacts import talks_since
from groups.engine.compose import fill_open_cycles
from groups.engine.placeable import why_not_placeable
from groups.enums import STAYED, CycleState, EntryState, LeaveReason, ParticipationState
from groups.models import Participation
from groups.services.facts import load_facts
from intake.enums import Decision, OpenQuestionState, ReferralState, StatusCode
from intake.models import ReferralPlacement

LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Status:
    """What became of a referral, as data; wording.status_text says it. Never a name in it."""

    code: StatusCode
    args: dict = field(default_factory=dict)


def with_status_facts(referrals):
    """Everything referral_status() asks, in a number of queries that does not grow with the rows."""
    feedback = Consent.objects.in_force().filter(
        client=OuterRef("client"), purpose=ConsentPurpose.FEEDBACK_TO_REFERRER
    )
    placements = ReferralPlacement.objects.select_related(
        "entry__waitlist__offer", "entry__waitlist__catchment__municipality"
    ).order_by("pk")
    participations = Participation.objects.select_related("cycle").order_by("-invited_at", "-pk")
    return (
        referrals.annotate(
            has_feedback_consent=Exists(feedback),
            contacted_at=Subquery(_own_talks().order_by("at").values("at")[:1]),
        )
        .select_related("client", "wished_offer", "neighbourhood__municipality", "judgement__by", "referred_by")
        .select_related("open_question")
        .defer("neighbourhood__polygon", "neighbourhood__municipality__polygon")
        .prefetch_related(
            Prefetch("placements", placements), Prefetch("placements__entry__participations", participations)
        )
    )


def notes_on(referral):
    """What who sent it told since, the first on top."""
    return referral.notes.select_related("referral__client__key", "by")


def _own_talks():
    """Talks since the referral; not those about the other file, from before the two were joined (R43)."""
    return talks_since("received_on").filter(at__gt=Coalesce(OuterRef("hears_talks_after"), Value(LONG_AGO)))


def referral_status(referral, *, details=None):
    """The status line of a referral from with_status_facts() (R9).

    details: whether more than 'received' and 'in progress' may be told; None means as the client allows the referrer,
    who agreed at the referral and did not take it back since.
    """
    if details is None:
        details = referral.feedback_allowed and referral.has_feedback_consent
    if referral.state == ReferralState.RECEIVED:
        return _received(referral, details)
    if not details:
        return Status(StatusCode.IN_PROGRESS)
    if getattr(referral, "judgement", None) is None:  # closed without one
        return Status(StatusCode.STOPPED)
    if referral.judgement.decision == Decision.INDIVIDUAL_HELP:
        return Status(StatusCode.OTHER_HELP)
    if referral.judgement.decision == Decision.REFER_OUT:
        return Status(StatusCode.REFERRED_OUT, {"destination": referral.judgement.destination})
    if referral.judgement.decision == Decision.NO_OFFER and not referral.placements.all():
        is_open = referral.open_question.state == OpenQuestionState.OPEN
        return Status(StatusCode.NOTED if is_open else StatusCode.STOPPED)
    statuses = [entry_status(placement.entry) for placement in referral.placements.all()]
    return max(statuses, key=_progress, default=Status(StatusCode.IN_PROGRESS))


def _received(referral, details):
    """Whether somebody was spoken to already is told as the client allows (R9)."""
    if details and referral.contacted_at is not None:
        return Status(StatusCode.CONTACTED, {"on": timezone.localdate(referral.contacted_at)})
    return Status(StatusCode.RECEIVED, {"on": referral.received_on})


_PROGRESS = [
    StatusCode.IN_PROGRESS,
    StatusCode.STOPPED,
    StatusCode.WITHDREW,
    StatusCode.ON_HOLD,
    StatusCode.WAITING_NO_MINIMUM,
    StatusCode.WAITING,
    StatusCode.WAITING_ENOUGH,
    StatusCode.FINISHED,
    StatusCode.PLACED,
    StatusCode.RUNNING,
]


def _progress(status):
    return _PROGRESS.index(status.code)


def entry_status(entry):
    """How far one place on one waitlist is; an offer whose name stays private is not named (R40)."""
    offer = "" if entry.waitlist.offer.is_sensitive else entry.waitlist.offer.name
    if entry.state == EntryState.LEFT and entry.leave_reason == LeaveReason.MERGED:
        return Status(StatusCode.IN_PROGRESS)  # waits on another list, after areas were joined (R11)
    if entry.state == EntryState.LEFT:
        return Status(StatusCode.WITHDREW, {"offer": offer}) if _has_declined(entry) else Status(StatusCode.STOPPED)
    if entry.state == EntryState.PLACED:
        return _placed_status(entry, offer)
    if entry.is_on_hold:
        return Status(StatusCode.ON_HOLD, {"offer": offer})
    missing = entry.waitlist.missing_count
    if missing is None:
        return Status(StatusCode.WAITING_NO_MINIMUM, {"offer": offer})
    if missing == 0:
        return Status(StatusCode.WAITING_ENOUGH, {"offer": offer})
    return Status(StatusCode.WAITING, {"offer": offer, "missing": missing})


def _has_declined(entry):
    """The client's own no to an invitation, and to waiting on."""
    declined = any(seat.state == ParticipationState.DECLINED for seat in entry.participations.all())
    return declined and entry.leave_reason == LeaveReason.OWN_CHOICE


def _placed_status(entry, offer):
    seats = [seat for seat in entry.participations.all() if seat.state in STAYED]
    if not seats:
        return Status(StatusCode.STOPPED)
    cycle = seats[0].cycle
    args = {"offer": offer, "on": cycle.starts_on}
    if seats[0].state == ParticipationState.FINISHED:
        return Status(StatusCode.FINISHED, args)
    codes = {CycleState.RUNNING: StatusCode.RUNNING, CycleState.FINISHED: StatusCode.FINISHED}
    return Status(codes.get(cycle.state, StatusCode.PLACED), args)


@dataclass(frozen=True)
class Outcome:
    """One place on one list, counted now and not when the engine last looked: this page comes right after joining.

    missing is None without a minimum; reasons say why this person does not count yet (R10b, R19). joins_on is the
    first day of the formed cycle that has a place for this person, who then waits for nobody (R12); or None.
    """

    entry: object
    is_waiting: bool
    status: Status
    counted: int
    missing: int | None
    reasons: tuple
    joins_on: date | None


def outcome_rows(referral, *, now):
    """What a judgement led to, list by list."""
    return [_outcome(placement.entry, now) for placement in referral.placements.all()]


def _outcome(entry, now):
    facts = load_facts(waitlist=entry.waitlist, now=now)
    rules = facts.rules
    failures = {person.id: why_not_placeable(person, rules) for person in facts.people}
    counted = sum(not failed for failed in failures.values())
    return Outcome(
        entry=entry,
        is_waiting=entry.state == EntryState.WAITING,
        status=entry_status(entry),
        counted=counted,
        missing=None if rules.minimum is None else max(0, rules.minimum - counted),
        reasons=failures.get(entry.pk, ()),
        joins_on=_joins_on(entry, facts, failures),
    )


def _joins_on(entry, facts, failures):
    """What the engine does with this person next, asked of the engine itself (R12)."""
    if not facts.rules.is_active:
        return None
    placeable = [person for person in facts.people if not failures[person.id]]
    first_dates = {cycle.id: cycle.first_date for cycle in facts.open_cycles}
    joined = [join.cycle for join in fill_open_cycles(placeable, facts) if entry.pk in join.people]
    return first_dates[joined[0]] if joined else None
