"""By which name somebody reads of a referral: of the file if it is theirs to open, else as they wrote it (R41)."""

from django.utils.translation import gettext as _

from accounts.periods import short_day
from clients.models import Client


def names_known_to(user, referrals):
    """{pk: short name}: who may not open the file does not learn how somebody is called by now."""
    clients = {row.client_id for row in referrals}
    open_files = set(Client.objects.visible_to(user).filter(pk__in=clients).values_list("pk", flat=True))
    return {row.pk: row.client.short_name if row.client_id in open_files else _as_told(row, user) for row in referrals}


def _as_told(referral, user):
    told = referral.told_name if referral.referred_by_id == user.pk else []
    if not told:
        return _("Referral of %(day)s") % {"day": short_day(referral.received_on)}
    given, prefix, family = told
    return " ".join(part for part in (f"{given[:1]}.", prefix, f"{family[:1]}.") if part)
