"""Who may do what with a client's file. Which files at all: Client.objects.visible_to(user)."""

from accounts.enums import RoleName
from accounts.permissions import has_role
from clients.enums import InvolvementKind
from clients.models import Client
from clients.models.duplicates import SETTLING
from clients.models.person import WITH_NEIGHBOURHOODS


def can_place(user):
    """Places people in groups: sees who refuses the own neighbourhood and who must not meet (R18), may edit."""
    return has_role(user, *WITH_NEIGHBOURHOODS)


def can_print_letters(user):
    return has_role(user, RoleName.DESK) or can_place(user)


def can_settle_likeness(user):
    """Says whether two files are about one person: the desk and the social workers, of pairs they may know (R43)."""
    return has_role(user, *SETTLING)


def can_merge_files(user):
    """Makes one file of two: a social worker, of a pair they may know. The desk names pairs, and no more (R43)."""
    return has_role(user, RoleName.SOCIAL_WORKER)


def can_see_contact(user, client):
    """Who places or leads, and the desk that plans the intake; a referrer while the data are those they supplied."""
    if can_place(user) or Client.objects.to_plan(user).filter(pk=client.pk).exists():
        return True
    if has_role(user, RoleName.TEAM_MEMBER) and leads_group_of(user, client):
        return True
    return client.created_by_id == user.pk and client.is_reached_as_told_by(user)


def leads_group_of(user, client):
    return (
        client.involvements.open().filter(user=user, kind__in=[InvolvementKind.LEAD, InvolvementKind.CO_LEAD]).exists()
    )


def can_log_contact(user, client):
    """Who speaks with clients: who places, and who leads their group. They also read the contact log (R41)."""
    return can_place(user) or (has_role(user, RoleName.TEAM_MEMBER) and leads_group_of(user, client))
