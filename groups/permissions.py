"""Who may do what in group work. Which lists and cycles at all: .visible_to(user); a stranger gets 404."""

from accounts.enums import RoleName
from accounts.permissions import has_role
from groups.enums import Seat

PLACERS = (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER)


def can_see_waitlists(user):
    """Who places people, and the coordinator, who sees counts and reasons (R41)."""
    return has_role(user, *PLACERS, RoleName.COORDINATOR)


def can_handle_entries(user):
    """Talk, hold, priority, leave: by name, so for who places (R5, R8, R10, R17)."""
    return has_role(user, *PLACERS)


def can_bring_people(user):
    """Everyone who meets residents is offered the way to refer; coordinator and administrator work with settings."""
    return has_role(user, *PLACERS, RoleName.TEAM_MEMBER, RoleName.DESK, RoleName.REFERRER)


def sees_counts(user):
    """How many wait and what a list lacks: for colleagues. A referrer from outside hears how far their own are."""
    return has_role(user, *(role for role in RoleName if role != RoleName.REFERRER))


def can_form_cycles(user):
    """Choosing people is choosing by name: the group worker's (R12, R23)."""
    return has_role(user, RoleName.GROUP_WORKER)


def can_set_mode(user):
    """Putting a list or an area on manual, and back (R23)."""
    return has_role(user, RoleName.COORDINATOR)


def can_write_offers(user):
    """What the page of an offer says to colleagues and residents (R37)."""
    return has_role(user, RoleName.COORDINATOR)


def can_join_areas(user):
    """Which areas are served together, and moving a list's people to a wider one (R11)."""
    return has_role(user, RoleName.COORDINATOR)


def can_see_schedule(user):
    """Everyone who leads or co-leads, and the coordinator; each sees the cycles visible to them."""
    return has_role(user, *PLACERS, RoleName.TEAM_MEMBER, RoleName.COORDINATOR)


def can_keep_time(user):
    """Who can be given a session keeps their own weekly times and leave."""
    return has_role(user, *PLACERS, RoleName.TEAM_MEMBER)


def can_reschedule(user, cycle):
    """Move, cancel, change room or leader: group workers, the coordinator, and whoever leads this cycle (R14)."""
    return has_role(user, RoleName.GROUP_WORKER, RoleName.COORDINATOR) or cycle.lead_id == user.pk


def can_change_session(user, session):
    """Move it, cancel it, give it another room: who may reschedule the cycle, and the second leader for the sessions
    that are their own (R14). Reads the staff once it was fetched.
    """
    own = any(seat.user_id == user.pk and seat.seat == Seat.CO_LEAD for seat in session.staff.all())
    return can_reschedule(user, session.cycle) or (own and session.cycle.co_lead_id == user.pk)


def can_see_participants(user):
    """Short names of who takes part: for who places or leads; a coordinator sees counts (R41)."""
    return has_role(user, *PLACERS, RoleName.TEAM_MEMBER)


def can_see_passed_over(user):
    """Why somebody was passed can tell of an exclusion: only who places may know (R17, R18)."""
    return has_role(user, *PLACERS)


def can_write_playbooks(user):
    """The parts of a playbook are the coordinator's (R31)."""
    return has_role(user, RoleName.COORDINATOR)


def can_pick_parts(user, session):
    """Who leads this session, and who leads its cycle (R31). Reads the staff once it was fetched."""
    return session.cycle.lead_id == user.pk or any(place.user_id == user.pk for place in session.staff.all())


def can_manage_training(user):
    """Courses, and who may lead or co-lead (R14, R38)."""
    return has_role(user, RoleName.COORDINATOR)


def can_train(user):
    """Who can be given a seat can be trained for one; the coordinator sees what there is (R38)."""
    return has_role(user, *PLACERS, RoleName.TEAM_MEMBER, RoleName.COORDINATOR)


def can_note_session(user, session):
    """Attendance, notes and closing: who leads this session, and the cycle's lead (R25); apart from changing the plan.

    A second leader, or a substitute, for their own sessions only. Reads the staff once it was fetched.
    """
    leads = session.cycle.lead_id == user.pk or any(seat.user_id == user.pk for seat in session.staff.all())
    return leads and has_role(user, *PLACERS, RoleName.TEAM_MEMBER)


def can_read_notes(user, session):
    """What leaders wrote down of a session: for who works with names; of a sensitive group, for its leaders (R40)."""
    if can_note_session(user, session):
        return True
    return can_see_participants(user) and not session.cycle.waitlist.offer.is_sensitive


def can_decide_after(user, cycle):
    """What participants and their leaders choose after a round (R28), and marks on paper (R30): for who leads it,
    second leader and stand-in too."""
    leads = user.pk in (cycle.lead_id, cycle.co_lead_id)
    return leads or cycle.sessions.filter(staff__user=user).exists()


def can_plan_talks(user, cycle):
    """Individual talks are planned by who plans the cycle, and by its second leader (R29)."""
    return can_reschedule(user, cycle) or cycle.co_lead_id == user.pk
