"""Who may refer, and who judges. Which referrals at all: Referral.objects.visible_to(user)."""

from accounts.enums import RoleName
from accounts.permissions import has_role
from intake.models import WITH_REFERRALS


def can_refer(user):
    """Everyone who meets residents; a coordinator and an administrator work with counts and settings."""
    return has_role(user, *WITH_REFERRALS)


def can_judge(user):
    """R3: the social worker judges."""
    return has_role(user, RoleName.SOCIAL_WORKER)
