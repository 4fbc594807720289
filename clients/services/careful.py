"""Somebody known is referred again, with a word on reaching them: more care holds at once, less never does (R40)."""

from django.db import transaction

from clients.enums import AccessAction
from clients.models import AccessLog, Client, ContactPreference
from clients.services.people import hold_back_mail, mailed_as

DANGERS = ("is_sensitive", "address_is_secret")
WAYS = ("may_mail", "may_phone", "may_letter")


@transaction.atomic
def add_care(*, client, contact, by, now, refuses_own_neighbourhood=False):
    """Of {field of ContactPreference: value} what asks for more care; the words are put below those that stand there.

    Who may judge may lessen it again. Words for which there is no room are left out.
    """
    client = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    rows = ContactPreference.objects.select_related("client__key")
    mine, mailed = rows.filter(client=client).first() or ContactPreference(client=client), mailed_as(client)
    is_changed = take_care(mine, contact) | (refuses_own_neighbourhood and not client.refuses_own_neighbourhood)
    if not is_changed:
        return client
    mine.clean_fields(exclude={"client"})
    mine.save()
    client.contact, client.changed_at = mine, now
    client.refuses_own_neighbourhood |= refuses_own_neighbourhood
    client.save(update_fields=["changed_at", "refuses_own_neighbourhood"])
    AccessLog.objects.create(client=client, user=by, action=AccessAction.CHANGED, at=now)
    hold_back_mail(client, mailed)
    return client


def take_care(mine, theirs):
    """Whether this ContactPreference became more careful by {field: value}."""
    before = {name: getattr(mine, name) for name in (*DANGERS, *WAYS, "instructions")}
    for name in DANGERS:
        setattr(mine, name, before[name] or theirs.get(name, False))
    for name in WAYS:
        setattr(mine, name, before[name] and theirs.get(name, True))
    both = join_words(before["instructions"], theirs.get("instructions", "").strip())
    if len(both) <= ContactPreference._meta.get_field("instructions").max_length:
        mine.instructions = both
    return any(getattr(mine, name) != value for name, value in before.items())


def join_words(one, other):
    """Both, without saying one of them twice."""
    return max(one, other, key=len) if one in other or other in one else f"{one}\n{other}"
