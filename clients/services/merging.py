"""Making one file of two (R43): what clients knows of it. intake.services.merging says in which order, and locks."""

from django.db.models import Q

from clients.enums import LikenessState, SettledHow, Sex
from clients.exceptions import MergeRefused
from clients.letters import letter_refusal, withdraw_letters
from clients.models import Client, ClientAvailability, ContactPreference, Exclusion, Likeness
from clients.models.person import EMPTIED
from clients.queries import feedback_key, mail_came_back_at
from clients.services.careful import join_words, take_care
from clients.services.keys import destroy_key
from clients.services.people import CONTACT_FIELDS, mailed_as
from notifications.services import hand_on, withdraw_queued

# What somebody chooses between, where the files differ: of each, the fields that go together.
CHOICES = {
    "name": ("given_name", "name_prefix", "family_name"),
    "birth_date": ("birth_date",),
    "sex": ("sex",),
    "address": ("postcode", "street", "town", "neighbourhood_id"),
    "phone": ("phone",),
    "email": ("email",),
}
# Every row about a client: handed to the kept file as it is, or by a function here; or it stays where it was.
MOVED = (
    "clients.Consent.client",
    "clients.Involvement.client",
    "clients.ContactMoment.client",
    "clients.FollowUp.client",
    "clients.Letter.client",
)
RESOLVED = (
    "clients.ContactPreference.client",
    "clients.ClientAvailability.client",
    "clients.Exclusion.client",
    "clients.Exclusion.other",
    "clients.Likeness.client",
    "clients.Likeness.other",
    "clients.Client.merged_into",
)
STAYS = ("clients.AccessLog.client", "clients.Likeness.client", "clients.Likeness.other", "clients.Client.merged_into")


def lock_files(*, kept, other):
    """Both, locked in the order of their numbers and freshly read. MergeRefused: already_merged."""
    rows = Client.objects.select_for_update(of=("self",)).select_related("key", "neighbourhood__municipality")
    found = {person.pk: person for person in rows.filter(pk__in=[kept.pk, other.pk]).order_by("pk")}
    if any(person.merged_into_id is not None for person in found.values()):
        raise MergeRefused("already_merged")
    return found[kept.pk], found[other.pk]


def differing(kept, other):
    """The names in CHOICES in which both files say something, and not the same."""
    return [
        name
        for name in CHOICES
        if _said(kept, name) != _said(other, name) and not (_lacks(kept, other, name) or _lacks(other, kept, name))
    ]


def _said(person, name):
    return tuple(getattr(person, field) for field in CHOICES[name])


def _lacks(person, than, name):
    """Whether the other one says what is empty here. An address without a street is filled with that street."""
    if name == "sex":
        return person.sex == Sex.UNKNOWN
    if name == "address":
        is_part = person.postcode == than.postcode and bool(than.street)
        return not person.street and (not person.postcode or is_part)
    return not any(_said(person, name))


def merge_parts(*, kept, other, by, now):
    """All that both may hold of a kind, and one person has once. The rest goes over with move_rows()."""
    _merge_pairs_never_together(kept, other)
    _merge_likenesses(kept, other, by, now)
    _merge_contact(kept, other)
    withdraw_letters(client=other)
    named = set(other.availability.values_list("weekday", "part")) - set(
        kept.availability.values_list("weekday", "part")
    )
    other.availability.all().delete()
    ClientAvailability.objects.bulk_create(
        ClientAvailability(client=kept, weekday=d, part=p) for d, p in sorted(named)
    )
    _merge_consents(kept, other)
    _merge_involvements(kept, other, now)
    _merge_follow_ups(kept, other, by, now)


def _merge_pairs_never_together(kept, other):
    """R18: both files' wishes. Who must never meet the other file is not the same person."""
    if Exclusion.objects.filter(client__in=[kept, other], other__in=[kept, other]).exists():
        raise MergeRefused("never_together")
    for row in _pairs(Exclusion, other):
        _join_pair(row, kept, other)


def _merge_likenesses(kept, other, by, now):
    """Pairs with third files go along; "two people" stays so. This pair stays, as what was decided."""
    first, second = sorted([kept.pk, other.pk])
    pair = Likeness.objects.select_for_update().filter(client_id=first, other_id=second).first()
    if pair is not None and pair.state != LikenessState.OPEN:
        raise MergeRefused("settled_as_two")
    settled = {"state": LikenessState.MERGED, "settled_by": by, "settled_at": now}
    made = {"found_at": now, **settled}
    Likeness.objects.update_or_create(client_id=first, other_id=second, defaults=settled, create_defaults=made)
    for row in _pairs(Likeness, other).exclude(client=first, other=second):
        there = _join_pair(row, kept, other)
        if there is not None and there.state == LikenessState.OPEN != row.state:
            there.state, there.settled_by, there.settled_at = row.state, row.settled_by, row.settled_at
            there.save(update_fields=["state", "settled_by", "settled_at"])


def _pairs(model, client):
    return model.objects.filter(Q(client=client) | Q(other=client)).order_by("pk")


def _join_pair(row, kept, other):
    """The kept file in the place of the other, the lower number first; or the pair that says so already."""
    third = row.other_id if row.client_id == other.pk else row.client_id
    first, second = sorted([kept.pk, third])
    there = type(row).objects.filter(client=first, other=second).first()
    if there is not None:
        row.delete()
        return there
    row.client_id, row.other_id = first, second
    row.save(update_fields=["client", "other"])
    return None


def _merge_contact(kept, other):
    """R40: the most careful of both holds. MergeRefused: instructions_too_long, rather than leave out a word."""
    rows = ContactPreference.objects.select_related("client__key")
    mine, theirs = (rows.filter(client=person).first() for person in (kept, other))
    if theirs is not None:
        mine = mine or ContactPreference(client=kept)
        _check_room(join_words(mine.instructions, theirs.instructions))
        take_care(mine, {name: getattr(theirs, name) for name in CONTACT_FIELDS})
        mine.save()
        theirs.delete()
    kept.contact = mine or ContactPreference.objects.create(client=kept)


def _check_room(instructions):
    if len(instructions) > ContactPreference._meta.get_field("instructions").max_length:
        raise MergeRefused("instructions_too_long")


def _merge_consents(kept, other):
    """R42: what is agreed in both is agreed once, since the first day."""
    mine = {row.purpose: row for row in kept.consents.in_force()}
    for row in other.consents.in_force():
        there = mine.get(row.purpose)
        if there is not None:
            max(row, there, key=lambda consent: (consent.given_on, consent.pk)).delete()


def _merge_involvements(kept, other, now):
    """Who works with both works with one, since the first moment (R41)."""
    mine = {(row.user_id, row.kind): row for row in kept.involvements.open()}
    for row in other.involvements.open():
        there = mine.get((row.user_id, row.kind))
        if there is not None:
            later = max(row, there, key=lambda involvement: (involvement.started_at, involvement.pk))
            later.ended_at = max(now, later.started_at)
            later.save(update_fields=["ended_at"])


def _merge_follow_ups(kept, other, by, now):
    """R10: asked after twice for one cause is once, on the first of the two days."""
    mine = {(row.about, row.key): row for row in kept.follow_ups.open()}
    for row in other.follow_ups.open():
        there = mine.get((row.about, row.key))
        if there is not None:
            there.due_on = min(there.due_on, row.due_on)
            there.save(update_fields=["due_on"])
            row.settled_at, row.settled_by, row.settled_how = now, by, SettledHow.RULE
            row.save(update_fields=["settled_at", "settled_by", "settled_how"])
    # At once: what asks after a place on a list goes along with that place.
    other.follow_ups.update(client=kept)


def close_file(*, kept, other, chosen, by, now, mailed):
    """The kept file says what was chosen; nothing of the person is left in the other, whose key is destroyed.

    mailed: mailed_as() of both before anything changed. Nobody sees contact data any more as theirs alone (R40).
    """
    _fill(kept, other, chosen)
    kept.refuses_own_neighbourhood |= other.refuses_own_neighbourhood
    kept.changed_at, kept.contact_changed_by = now, by
    for name, value in EMPTIED.items():
        setattr(other, name, value)
    other.neighbourhood, other.created_by, other.contact_changed_by = kept.neighbourhood, None, None
    other.merged_into, other.changed_at = kept, now
    other.save()
    kept.save()
    Client.objects.filter(merged_into=other).update(merged_into=kept)
    destroy_key(client=other, by=by, now=now)
    _hand_on_mail(kept, other, mailed)
    if letter_refusal(kept):
        withdraw_letters(client=kept)


def _fill(kept, other, chosen):
    unknown = set(chosen) - set(CHOICES)
    if unknown:
        raise TypeError(f"there is no choice of {', '.join(sorted(unknown))}")
    for name, fields in CHOICES.items():
        if not _lacks(other, kept, name) and (name in chosen or _lacks(kept, other, name)):
            for field in fields:
                setattr(kept, field, getattr(other, field))


def _hand_on_mail(kept, other, mailed):
    """Mail that would go elsewhere now, or may say less, never leaves (R40); the rest is found under the kept file."""
    for person, before in zip((kept, other), mailed, strict=True):
        if before != mailed_as(kept):
            withdraw_queued(recipient_key=person.public_id)
            withdraw_queued(recipient_key=feedback_key(person))
    hand_on(recipient_key=other.public_id, to=kept.public_id)
    hand_on(recipient_key=feedback_key(other), to=feedback_key(kept))
    kept.contact.mail_fails_since = mail_came_back_at(kept)
    kept.contact.save(update_fields=["mail_fails_since"])
