"""Who may do what with places."""

from django.core.exceptions import PermissionDenied

from accounts.enums import RoleName
from accounts.permissions import has_role, is_coordinator
from neighbourhoods.models import Municipality
from neighbourhoods.models.provisions import SEEN_BY, municipalities_of


def can_manage_venues(user):
    """Group workers know the houses they work in, coordinators own the settings. See Venue.objects.manageable_by."""
    return has_role(user, RoleName.GROUP_WORKER, RoleName.COORDINATOR)


def can_hide_venues(user):
    """Whether a place is shown to nobody without need (R40) is the coordinator's decision."""
    return is_coordinator(user)


def require_venue_manager(user, *municipality_codes):
    """Raise PermissionDenied for who does not keep the venues of all these; None is the program itself (demo data)."""
    wanted = set(municipality_codes)
    if user is not None and Municipality.objects.managed_by(user).filter(pk__in=wanted).count() != len(wanted):
        raise PermissionDenied


def can_see_provisions(user):
    """Whoever guides people onward (R36)."""
    return has_role(user, *SEEN_BY)


def can_keep_provisions(user):
    """Who knows the neighbourhood. See Provision.objects.manageable_by."""
    return has_role(user, RoleName.GROUP_WORKER, RoleName.TEAM_MEMBER, RoleName.COORDINATOR)


def require_provision_keeper(user, *municipality_codes):
    """Raise PermissionDenied for who does not keep the provisions of all these; None is the program itself."""
    wanted = set(municipality_codes)
    if user is not None and municipalities_of(user).filter(pk__in=wanted).count() != len(wanted):
        raise PermissionDenied
