"""Two files turn out to be about one person: one file is made of them, and it stays so (R43)."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists
from django.utils.translation import gettext as _

from clients.enums import AccessAction, ConsentPurpose
from clients.exceptions import MergeRefused
from clients.permissions import can_merge_files
from clients.queries import has_consent
from clients.sealing import hand_over
from clients.services import merging as files
from clients.services import note_likenesses, open_file
from clients.services.handing_over import check_nothing_left, move_rows, open_texts, seal_texts
from clients.services.people import mailed_as
from groups.contacts import talks_since
from groups.services.one_person import MOVED as PLACES
from groups.services.one_person import lists_of, lock_lists, merge_places, note_merged
from intake.enums import REFERRAL_MOVES, AppointmentState, ReferralState
from intake.models import OpenQuestion, Referral, ReferralPlacement

MOVED = ("intake.Referral.client", "intake.OpenQuestion.client")
HANDLED = {*files.MOVED, *files.RESOLVED, *files.STAYS, *PLACES, *MOVED}


@transaction.atomic
def merge_files(*, kept, other, by, now, chosen=()):
    """Everything of `other` goes to `kept`, which is given back; `other` is emptied and leads to it. For good.

    chosen: the names in clients.services.merging.CHOICES in which the other file is right. Locked in this order:
    referrals, open questions, waitlists, files, each by number; who judges, places or decides takes them so too.
    PermissionDenied for who may not know both. MergeRefused: already_merged, changed_meanwhile, never_together,
    settled_as_two, instructions_too_long, two_places, took_part_twice, two_intakes.
    """
    if not can_merge_files(by):
        raise PermissionDenied
    kept, other, lists = _lock(kept, other)
    for person in (kept, other):
        open_file(client=person, by=by, action=AccessAction.MERGED, now=now)
    mailed = [mailed_as(person) for person in (kept, other)]
    _keep_silent(kept, other)
    _keep_talks_apart(kept, other, now)
    files.merge_parts(kept=kept, other=other, by=by, now=now)
    _follow_places(merge_places(kept=kept, other=other, by=by, now=now))
    _close_asked_twice(kept, other)
    _hand_over(kept, other)
    note_merged(kept=kept, lists=lists, by=by, now=now)
    files.close_file(kept=kept, other=other, chosen=chosen, by=by, now=now, mailed=mailed)
    note_likenesses(client=kept, now=now)
    return kept


def _lock(kept, other):
    """(kept, other, the lists of both), all locked; MergeRefused when somebody was quicker."""
    if kept.pk == other.pk:
        raise ValueError("a file is not merged with itself")
    both = [kept.pk, other.pk]
    for model in (Referral, OpenQuestion):
        list(model.objects.select_for_update(of=("self",)).filter(client__in=both).order_by("pk").values_list("pk"))
    lists = lists_of(*both)
    lock_lists(lists)
    kept, other = files.lock_files(kept=kept, other=other)
    if not lists_of(*both) <= lists:
        raise MergeRefused("changed_meanwhile")
    return kept, other, lists


def _keep_silent(kept, other):
    """R9: a yes in one file to telling the referrer is no yes for the referrals in the other."""
    for person, than in ((kept, other), (other, kept)):
        allowed = [has_consent(each, ConsentPurpose.FEEDBACK_TO_REFERRER) for each in (person, than)]
        if allowed == [False, True]:
            Referral.objects.filter(client=person).update(feedback_allowed=False)


def _keep_talks_apart(kept, other, now):
    """R43: what was said over one file's referral is no first contact over the other's."""
    for person in (kept, other):
        talked = talks_since("received_on").values("pk")
        Referral.objects.filter(~Exists(talked), client=person, hears_talks_after=None).update(hears_talks_after=now)


def _follow_places(closed):
    """What came of a referral, or of an open question, is the place that goes on (R9)."""
    for entry, stays in closed.items():
        for placement in ReferralPlacement.objects.filter(entry=entry):
            if not ReferralPlacement.objects.filter(referral=placement.referral_id, entry=stays).exists():
                placement.entry = stays
                placement.save(update_fields=["entry"])
        if not OpenQuestion.objects.filter(entry=stays).exists():
            OpenQuestion.objects.filter(entry=entry).update(entry=stays)


def _close_asked_twice(kept, other):
    """Somebody sent the same person twice, and both referrals are open: one goes on, since the earlier day (R17)."""
    rows = Referral.objects.open().exclude(referred_by=None).select_related("client__key")
    mine = {referral.referred_by_id: referral for referral in rows.filter(client=kept)}
    for theirs in rows.filter(client=other).order_by("pk"):
        if theirs.referred_by_id in mine:
            _close_one(*_in_order(mine[theirs.referred_by_id], theirs))


def _in_order(one, other):
    """(the referral that goes on, the one that closes): a judged one first, then the earlier."""
    return sorted([one, other], key=lambda row: (row.state == ReferralState.RECEIVED, row.received_on, row.pk))


def _close_one(goes_on, closes):
    if closes.appointments.filter(state=AppointmentState.BOOKED).exists():
        raise MergeRefused("two_intakes")
    if ReferralState.CLOSED not in REFERRAL_MOVES[closes.state]:
        raise ValueError(closes.state)
    closes.state = ReferralState.CLOSED
    closes.closed_reason = _("The same person was sent before; that referral goes on.")
    closes.save(update_fields=["state", "closed_reason"])
    for draft in closes.drafts.select_related("referral__client__key"):
        if not goes_on.drafts.filter(worker=draft.worker_id).exists():
            hand_over(draft, referral=goes_on)
    for placement in goes_on.placements.select_related("entry__client__key"):
        entry = placement.entry
        if entry.waiting_since > closes.received_on:
            entry.waiting_since = closes.received_on
            entry.save(update_fields=["waiting_since"])


def _hand_over(kept, other):
    opened = open_texts(other)
    move_rows((*files.MOVED, *PLACES, *MOVED), kept=kept, other=other)
    seal_texts(opened)
    check_nothing_left(other)
