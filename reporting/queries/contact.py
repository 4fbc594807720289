"""Whom nobody spoke to yet, whom nobody spoke to lately, and what is to be followed up (R7, R10)."""

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from clients.models import Client, FollowUp
from clients.queries import misses_of
from groups.contacts import long_without_contact, over_first_contact, over_since, talks_since, without_first_contact
from groups.models import WaitlistEntry
from intake.models import Referral
from neighbourhoods.models import Neighbourhood


def _entries(entries):
    return entries.select_related("client__contact", "waitlist__offer", "waitlist__catchment__municipality").defer(
        "waitlist__catchment__municipality__polygon", "waitlist__catchment__municipality__figures"
    )


def first_contacts(user):
    """R7: who waits where this user works and was not spoken to yet, the longest waiting first."""
    return _entries(without_first_contact(WaitlistEntry.objects.visible_to(user)))


def long_silent(user, *, now):
    """R10: who waits and was not spoken to for a whole rhythm, for this user; with `known_since`."""
    return _entries(long_without_contact(WaitlistEntry.objects.visible_to(user), user, now=now))


def follow_ups(user, *, now, today=None):
    """R10: what this user follows up, the longest due first; only what is due with `today`.

    With `misses`, and `has_referrer`: whether there is somebody one can ask (R40).
    """
    rows = FollowUp.objects.for_today_of(user, now=now)
    rows = rows.open().order_by("due_on", "pk") if today is None else rows.due(today=today)
    referred = Referral.objects.filter(client=OuterRef("client"), referred_by__isnull=False).order_by()
    rows = rows.annotate(misses=misses_of(), has_referrer=Exists(referred))
    return rows.select_related("client__contact", "for_user")


def neighbourhoods_out_of_sight(*, today):
    """R7, R10: neighbourhoods with `over` people over the first-contact clock and `late` overdue follow-ups."""
    waiting = over_first_contact(WaitlistEntry.objects.all(), today=today).filter(client=OuterRef("pk")).order_by()
    asked = Referral.objects.to_judge().filter(
        ~Exists(talks_since("received_on")), client=OuterRef("pk"), received_on__lte=over_since(today)
    )
    over = Client.objects.filter(Q(Exists(waiting)) | Q(Exists(asked.order_by())))
    late = FollowUp.objects.open().filter(due_on__lt=today)
    rows = Neighbourhood.objects.annotate(
        over=_count(over, "neighbourhood"), late=_count(late, "client__neighbourhood")
    )
    return (
        rows.filter(Q(over__gt=0) | Q(late__gt=0))
        .select_related("municipality")
        .only("name", "municipality__name")
        .order_by("-over", "-late", "pk")
    )


def _count(rows, where):
    counted = rows.filter(**{where: OuterRef("pk")}).order_by().values(where).annotate(count=Count("pk"))
    return Subquery(counted.values("count"))
