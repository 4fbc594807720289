"""For whom somebody may say that they are away, and arrange who takes over (R14, R41)."""

from django.db.models import Q

from accounts.enums import RoleName
from accounts.models import User
from accounts.permissions import has_role
from groups.permissions import can_keep_time
from neighbourhoods.models import Municipality

LEADERS = (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER, RoleName.TEAM_MEMBER)


def can_report_absence(user):
    """Everyone who leads groups, for themselves; a group worker and the coordinator also for colleagues."""
    return can_keep_time(user) or has_role(user, RoleName.COORDINATOR)


def can_report_for(by, user):
    return colleagues_of(by).filter(pk=user.pk).exists()


def colleagues_of(user):
    """Whom this user may report away: themselves; a group worker also who works in the same municipality; a
    coordinator everybody. Only active people who lead groups.
    """
    if has_role(user, RoleName.COORDINATOR):
        mine = Q()
    elif has_role(user, RoleName.GROUP_WORKER):
        here = _municipalities(user)
        mine = Q(pk=user.pk) | Q(pk__in=_working_in(here))
    else:
        mine = Q(pk=user.pk)
    return User.objects.with_role(*LEADERS).filter(mine).order_by("first_name", "last_name", "pk")


def _municipalities(user):
    places = Municipality.objects.filter(Q(work_areas__user=user) | Q(social_teams__memberships__user=user))
    return places.order_by().values("pk")


def _working_in(municipalities):
    areas = Q(work_areas__municipality__in=municipalities)
    teams = Q(team_memberships__team__municipality__in=municipalities)
    return User.objects.filter(areas | teams).order_by().values("pk")
