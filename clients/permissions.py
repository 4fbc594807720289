"""Who may do what with a client's file. Which files at all: Client.objects.visible_to(user)."""

from accounts.enums import RoleName
from accounts.permissions import has_role
from clients.enums import InvolvementKind
from clients.models.person import WITH_NEIGHBOURHOODS


def can_place(user):
    """Places people in groups: sees who refuses the own neighbourhood and who must not meet (R18), may edit."""
    return has_role(user, *WITH_NEIGHBOURHOODS)


def can_see_contact(user, client):
    """Who places or leads; a referrer as long as the data are still those they supplied."""
    if can_place(user):
        return True
    if has_role(user, RoleName.TEAM_MEMBER) and leads_group_of(user, client):
        return True
    return client.created_by_id == user.pk and client.is_reached_as_told_by(user)


def leads_group_of(user, client):
    return (
        client.involvements.open().filter(user=user, kind__in=[InvolvementKind.LEAD, InvolvementKind.CO_LEAD]).exists()
    )
