"""Who may refer, and who judges. Which referrals at all: Referral.objects.visible_to(user)."""

from accounts.enums import RoleName
from accounts.permissions import has_role
from intake.models import WITH_REFERRALS


def can_refer(user):
    """Everyone who meets residents; a coordinator and an administrator work with counts and settings."""
    return has_role(user, *WITH_REFERRALS)


def is_from_outside(user):
    """Refers, and works with nobody's file: reads what they wrote, and how far it is (R41)."""
    return has_role(user, RoleName.REFERRER)


def can_judge(user):
    """R3: the social worker judges."""
    return has_role(user, RoleName.SOCIAL_WORKER)


def can_plan_intakes(user):
    """R2: the desk books for everybody in its municipalities, a social worker in their own slots."""
    return has_role(user, RoleName.DESK, RoleName.SOCIAL_WORKER)


def can_see_open_questions(user):
    """R8b: by name who judges (OpenQuestion.objects.visible_to), as counts who places and the coordinator."""
    return has_role(user, RoleName.SOCIAL_WORKER, RoleName.GROUP_WORKER, RoleName.COORDINATOR)
