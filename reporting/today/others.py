"""Today for referrers outside Socius, and for the administrator."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from reporting.cards import Button, Figure, Part
from reporting.queries import today as queries
from reporting.today.coordinator import failed_mail
from reporting.today.shared import referrals_panel


def build_referrer(user, *, now):
    return Part(panels=[referrals_panel(user)], button=Button(reverse("intake:refer"), _("Refer"), "person-plus"))


def build_administrator(user, *, now):
    counts, without = queries.people_by_role()
    failed = queries.failed_mail_count(now=now)
    figures = [Figure(counts.get(role.value, 0), role.label) for role in RoleName]
    return Part(
        tasks=[failed_mail(failed)] if failed else [],
        figures=[*figures, Figure(without, _("without a role"), tone="wait" if without else "ok")],
    )
