"""Two files that may be about one person: found without a word to who referred, settled by who may know both (R43)."""

from django.db import transaction
from django.http import Http404

from clients.enums import AccessAction, LikenessState
from clients.likeness import alike, near_dates
from clients.models import AccessLog, Client, Likeness


def note_likenesses(*, client, now):
    """Remembers every other file that may be about this person; how many there are.

    Those who know neither file hear nothing, and who referred hears nothing at all. A pair that was settled stays so.
    """
    if client.birth_date is None:
        return 0
    others = Client.objects.filter(birth_date__in=[client.birth_date, *near_dates(client.birth_date)])
    pairs = [
        Likeness(client_id=min(client.pk, other.pk), other_id=max(client.pk, other.pk), found_at=now)
        for other in others.exclude(pk=client.pk).order_by("pk")
        if alike(client, other)
    ]
    Likeness.objects.bulk_create(pairs, ignore_conflicts=True)
    return len(pairs)


@transaction.atomic
def open_likeness(*, pk, by, now):
    """The pair, with both people; that both were looked at is written in both access logs (R41).

    Http404 for whom it is not there.
    """
    pair = _visible(by).filter(pk=pk).first()
    if pair is None:
        raise Http404
    AccessLog.objects.bulk_create(
        AccessLog(client=person, user=by, action=AccessAction.COMPARED, at=now) for person in (pair.client, pair.other)
    )
    return pair


@transaction.atomic
def settle_as_different(*, pk, by, now):
    """These are two people: remembered, and never asked again. Settled twice is once; the first word stays."""
    pair = _visible(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if pair is None:
        raise Http404
    if pair.state == LikenessState.OPEN:
        pair.state, pair.settled_by, pair.settled_at = LikenessState.DIFFERENT, by, now
        pair.save(update_fields=["state", "settled_by", "settled_at"])
    return pair


def _visible(by):
    people = ("client__neighbourhood__municipality", "other__neighbourhood__municipality")
    heavy = [f"{place}__polygon" for name in ("client", "other") for place in (f"{name}__neighbourhood",)]
    rows = Likeness.objects.visible_to(by).select_related(*people)
    return rows.defer(*heavy, *(f"{path}__polygon" for path in people))
