"""What would help: each reason why a list does not start, with the step somebody can take (R19)."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.permissions import is_coordinator, is_logged_in, is_social_worker
from groups.discretion import known_reasons
from groups.permissions import can_handle_entries, can_join_areas, can_keep_time
from groups.wording import reason_text, sentence

_STEPS = {
    "need_more": (_("Ask the social teams whom they meet: the offer's page says whom it fits."), ""),
    "people_awaiting_judgement": (_("A social worker judges whether the group fits."), "intake:queue"),
    "people_talk_first": (_("Hold the acquaintance talk and note it below."), ""),
    "people_on_hold": (_("Ask whether the basics are in order, then let them count again."), ""),
    "people_no_consent": (_("Ask for consent and note it on the file."), ""),
    "people_other": (_("See below what holds each of them back."), ""),
    "too_slow": (_("The coordinator can lower the minimum or join areas."), "groups:wider"),
    "no_leader": (_("More times of a group worker: widen your own, or ask a colleague."), "groups:availability"),
    "no_leader_here": (_("The coordinator can grant somebody the competence to lead."), ""),
    "no_co_lead": (_("Ask a social-team member to sit beside you at that time."), ""),
    "no_room": (_("Look for a room, or longer opening hours."), "neighbourhoods:venues"),
    "no_team_and_room": (_("More times of the leaders, or another room."), "groups:availability"),
    "no_common_time": (_("Ask the people below whether they can come at that time."), ""),
    "rhythm_needs_more": (_("Ask who else of the group goes on, and the social teams whom they meet."), ""),
    "rhythm_no_leader": (
        _("More times of a group worker: widen your own, or ask a colleague."),
        "groups:availability",
    ),
    "rhythm_no_co_lead": (_("Ask a social-team member to sit beside you at that time."), ""),
    "rhythm_no_room": (_("Look for a room, or longer opening hours."), "neighbourhoods:venues"),
    "rhythm_no_team_or_room": (_("More times of the leaders, or another room."), "groups:availability"),
    "no_minimum": (_("The coordinator sets a minimum; a cycle formed by hand can always start."), ""),
    "offer_incomplete": (_("The coordinator fills in what is missing."), "reporting:offer"),
    "offer_inactive": (_("The coordinator can make the offer active again."), ""),
    "theme_not_in_neighbourhood": (_("Refer to the region's list."), ""),
}
# What only somebody who sees the people below can do.
_ABOUT_PEOPLE = {"people_other", "people_talk_first", "no_common_time"}
_LINKS = {
    "intake:queue": _("To judge"),
    "groups:availability": _("My times"),
    "neighbourhoods:venues": _("Venues"),
    "reporting:offer": _("Set"),
    "groups:wider": _("A wider list"),
}
_GUARDS = {
    "intake:queue": is_social_worker,
    "groups:availability": can_keep_time,
    "neighbourhoods:venues": is_logged_in,
    "reporting:offer": is_coordinator,
    "groups:wider": can_join_areas,
}


@dataclass(frozen=True)
class Advice:
    """A reason in words, what would help, and the page where that is done."""

    why: str
    step: str
    url_name: str
    action: str
    tone: str


def advice_on(reasons, user):
    """One Advice for each stored reason, in the engine's order, with a link only where this user may go."""
    return [_advice(reason, user) for reason in known_reasons(reasons, user)]


def _advice(reason, user):
    code = reason["code"]
    step, url_name = _STEPS.get(code, ("", ""))
    if code in _ABOUT_PEOPLE and not can_handle_entries(user):
        step = ""
    if url_name and not _GUARDS[url_name](user):
        url_name = ""
    tone = "neutral" if code == "nobody_waits" else "wait"
    return Advice(sentence(reason_text(reason)), str(step), url_name, str(_LINKS.get(url_name, "")), tone)
