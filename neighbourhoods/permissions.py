"""Who may do what with places."""

from django.core.exceptions import PermissionDenied

from accounts.enums import RoleName
from accounts.permissions import has_role


def can_manage_venues(user):
    """Group workers know the houses they work in, coordinators own the settings."""
    return has_role(user, RoleName.GROUP_WORKER, RoleName.COORDINATOR)


def require_venue_manager(user):
    """Raise PermissionDenied for anyone else; None is the program itself (demo data)."""
    if user is not None and not can_manage_venues(user):
        raise PermissionDenied
