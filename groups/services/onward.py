"""R28, R36: where somebody goes after a round, and what that sets going: nobody is sent anywhere without agreement."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.enums import RoleName
from clients.enums import FollowUpAbout
from clients.services import plan_follow_up, settle_by_rule
from groups.enums import EntryState, HistoryCode, LeaveReason, Outcome
from groups.exceptions import NotAllowed
from groups.fit import Asking, fit_many
from groups.models import GroupOffer, OnwardStep, WaitlistEntry
from groups.permissions import can_handle_entries
from groups.services.history import record
from groups.services.waitlists import join_waitlist, leave_waitlist, waitlist_for
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Provision

LEADS_ON = (Outcome.PROVISION, Outcome.INDIVIDUAL_HELP, Outcome.OTHER_GROUP)
ASKED = {Outcome.INDIVIDUAL_HELP: FollowUpAbout.INDIVIDUAL_HELP, Outcome.OTHER_GROUP: FollowUpAbout.ONWARD}


@dataclass(frozen=True)
class Onward:
    """Where to: a provision or an offer, as the outcome asks for; `agreed_on` is the day the client agreed."""

    provision: Provision | None = None
    offer: GroupOffer | None = None
    agreed_on: object = None
    note: str = ""


def fits_of(participations, *, today):
    """{number of the participation: {number of the offer: OfferFit}} of all active offers; constant statements."""
    asking = {
        row.pk: Asking(
            birth_date=row.client.birth_date,
            sex=row.client.sex,
            neighbourhood=row.client.neighbourhood,
            problem_kinds=frozenset(),
        )
        for row in participations
    }
    found = fit_many(asking, today=today, with_cycles=False) if asking else {}
    return {pk: {fit.offer.pk: fit for fit in fits} for pk, fits in found.items()}


def can_join(fit, client, by):
    """Whether who decides can put this person on that list (R3): nothing speaks against it, and they place people.

    The social worker's word is asked where age or sex does not fit, where the client wants no group in the own
    neighbourhood (R18), and when a team member decides.
    """
    near = fit.offer.level == CatchmentLevel.NEIGHBOURHOOD and client.refuses_own_neighbourhood
    return can_handle_entries(by) and not fit.cons and fit.catchment is not None and not near


def lists_to_lock(wanted, *, by, today):
    """The numbers of the lists that these (participation, Onward) join, made if they are not there yet."""
    rows = [row for row, onward in wanted if onward.offer is not None]
    fits, found = fits_of(rows, today=today), set()
    for row, onward in wanted:
        fit = fits.get(row.pk, {}).get(onward.offer.pk) if onward.offer else None
        if fit is not None and can_join(fit, row.client, by):
            found.add(waitlist_for(offer=fit.offer, catchment=fit.catchment).pk)
    return found


def same_step(step, outcome, onward):
    """Whether this stored step, or None, is what is asked for."""
    if outcome not in LEADS_ON:
        return step is None
    if step is None or step.to != outcome:
        return False
    # Only a provision asks for the client's agreement; there, taking it back is another step.
    agreed_on = onward.agreed_on if outcome == Outcome.PROVISION else step.agreed_on
    agreed = (step.agreed_on, step.note) == (agreed_on, onward.note)
    return agreed and (step.provision, step.offer) == _whereto(outcome, onward)


def _whereto(outcome, onward):
    """(provision, offer), each only where this outcome asks for it."""
    return (
        onward.provision if outcome == Outcome.PROVISION else None,
        onward.offer if outcome == Outcome.OTHER_GROUP else None,
    )


def lead_on(participation, outcome, onward, *, by, now):
    """The step that goes with this outcome, in the place of an earlier one.

    NotAllowed: provision_missing, provision_not_agreed, client_not_agreed, group_missing, goes_on_already (has a
    place by an earlier step).
    """
    _take_back(participation, by=by, now=now)
    if outcome not in LEADS_ON:
        return
    _check(participation, outcome, onward)
    provision, offer = _whereto(outcome, onward)
    step = OnwardStep(
        participation=participation,
        to=str(outcome),
        provision=provision,
        offer=offer,
        note=onward.note.strip(),
        agreed_on=onward.agreed_on or timezone.localdate(now),
        noted_at=now,
        noted_by=by,
    )
    step.save(force_insert=True)
    if outcome == Outcome.OTHER_GROUP and _join(participation, offer, by=by, now=now):
        outcome = None
    _pass_on(participation, outcome, offer, by=by, now=now)
    about = {"waitlist": participation.cycle.waitlist, "entry": participation.entry, "cycle": participation.cycle}
    record(HistoryCode.ONWARD_AGREED, at=now, by=by, to=step.to, **about)


def _check(participation, outcome, onward):
    if outcome == Outcome.PROVISION:
        if onward.provision is None:
            raise NotAllowed("provision_missing")
        here = Provision.objects.agreed().filter(municipality=participation.client.neighbourhood.municipality_id)
        if not here.filter(pk=onward.provision.pk).exists():
            raise NotAllowed("provision_not_agreed")
        if onward.agreed_on is None:
            raise NotAllowed("client_not_agreed")
    if outcome == Outcome.OTHER_GROUP and onward.offer is None:
        raise NotAllowed("group_missing")


def _join(participation, offer, *, by, now):
    """Onto the other list, as somebody who was judged for group work and decided this with a professional (R3)."""
    today, client = timezone.localdate(now), participation.client
    fit = fits_of([participation], today=today)[participation.pk].get(offer.pk)
    if fit is None or not can_join(fit, client, by):
        return False
    try:
        join_waitlist(
            client=client,
            offer=offer,
            catchment=fit.catchment,
            waiting_since=today,
            by=by,
            now=now,
            problem_kind=participation.entry.problem_kind,
            judged=True,
        )
    except NotAllowed as refused:
        # Who waits there already keeps that place.
        return refused.reason.code == "already_waiting"
    return True


def _pass_on(participation, outcome, offer, *, by, now):
    """To the social workers where the client lives: they arrange the help, or give their word on the group (R3)."""
    if outcome not in ASKED:
        return
    name = "" if offer is None or offer.is_sensitive else offer.name
    plan_follow_up(
        client=participation.client,
        about=ASKED[outcome],
        due_on=timezone.localdate(now),
        by=by,
        now=now,
        key=_key(participation),
        for_role=RoleName.SOCIAL_WORKER,
        args={"after": "round"} | ({"offer": name} if offer is not None else {}),
    )


def _key(participation):
    return f"participation:{participation.pk}"


def _take_back(participation, *, by, now):
    """What an earlier step set going ends with it; NotAllowed when it gave this person a place already."""
    step = OnwardStep.objects.filter(participation=participation).first()
    if step is None:
        return
    if step.offer_id is not None:
        made = WaitlistEntry.objects.exclude(state=EntryState.LEFT).filter(
            client=participation.client_id, waitlist__offer=step.offer_id, joined_at=step.noted_at
        )
        for entry in made.select_related("client__key", "waitlist"):
            if entry.state == EntryState.PLACED:
                raise NotAllowed("goes_on_already")
            leave_waitlist(entry=entry, reason=LeaveReason.OWN_CHOICE, by=by, now=now, rule="R28")
    for about in ASKED.values():
        settle_by_rule(client=participation.client, about=about, key=_key(participation), now=now, by=by)
    step.delete()
