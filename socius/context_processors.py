"""What base.html needs on every page: the main menu, by role, and the moment the page was made."""

from dataclasses import dataclass, field

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from accounts.permissions import has_role


@dataclass(frozen=True)
class Item:
    """One place in the menu; pages that belong to it, by URL name, mark it as the current one."""

    url_name: str
    label: str
    short_label: str
    icon: str
    pages: frozenset = field(default_factory=frozenset)


def _item(url_name, label, icon, *pages, short=None):
    app = url_name.split(":")[0]
    return Item(url_name, label, short or label, icon, frozenset([url_name, *(f"{app}:{page}" for page in pages)]))


TODAY = _item("reporting:today", _("Today"), "sun")
REFER = _item("intake:refer", _("Refer"), "person-plus")
REFERRALS = _item("intake:referrals", _("My referrals"), "send", "referral", short=_("Referrals"))
QUEUE = _item("intake:queue", _("To judge"), "inbox", "judge", short=_("Judge"))
DESK = _item(
    *("intake:desk_week", _("Intakes"), "calendar-check"),
    *("desk_queue", "desk_book", "desk_place", "desk_appointment", "desk_move", "desk_cancel", "desk_absence"),
)
SLOTS = _item(
    *("intake:slots", _("Intake slots"), "calendar-range"),
    *("slot_add", "slot_extra", "slot_change", "slot_stop", "slot_skip"),
)
OFFERS = _item("groups:offers", _("Groups"), "people", "offer", "offer_texts", "playbook", "part_add", "part_edit")
WAITLISTS = _item(
    "groups:waitlists",
    _("Waitlists"),
    "hourglass-split",
    *("waitlist", "cycle_form", "entry_talk", "entry_hold", "entry_release", "entry_priority", "entry_leave"),
    *("wider", "list_widen", "area_join", "area_split"),
    *("waitlist_mode", "area_mode", "waitlist_history", "person_history"),
)
SCHEDULE = _item(
    "groups:schedule",
    _("Schedule"),
    "calendar-week",
    *(
        "cycle",
        "cycle_history",
        "cycle_substitute",
        "cycle_decide",
        "cycle_cancel",
        "session",
        "session_move",
        "session_cancel",
        "session_room",
        "session_plan",
        "session_rest",
        "session_add",
    ),
    *("talks", "talk_plan", "talk_move", "talk_cancel"),
    *("participation_answer", "participation_talk", "absence", "cycle_history"),
)
AVAILABILITY = _item(
    *("groups:availability", _("My times"), "clock"),
    *("leave_add", "leave_remove", "day_hours", "day_hours_remove", "feed_make", "feed_stop"),
)
OVERVIEW = _item(
    *("reporting:overview", _("Overview"), "bar-chart"),
    *("minimum_choose", "minimum", "messages", "message", "message_reset"),
)
TRAINING = _item(
    *("groups:courses", _("Training"), "book", "my_competences"),
    *("course", "course_add", "course_edit", "course_day", "course_day_add", "course_day_edit", "course_day_cancel"),
)
COMPETENCES = _item("groups:competences", _("Competences"), "patch-check", "competence_grant", "competence_end")
LETTERS = _item("clients:letters", _("Letters"), "printer")
VENUES = _item(
    "neighbourhoods:venues",
    _("Venues"),
    "house-door",
    *("venue", "venue_add", "venue_edit", "venue_hours", "venue_close", "room_add", "room", "closure_remove"),
)
NEIGHBOURHOODS = _item("neighbourhoods:neighbourhoods", _("Neighbourhoods"), "geo-alt", "neighbourhood")
OPEN_QUESTIONS = _item("intake:open_questions", _("Open questions"), "question-circle")
PROVISIONS = _item("provisions:list", _("Provisions"), "signpost-split", "add", "detail", "edit", "withdraw", "close")

# In the order in which a person with several roles sees them.
MENUS = {
    RoleName.COORDINATOR: [
        TODAY,
        OVERVIEW,
        WAITLISTS,
        SCHEDULE,
        OPEN_QUESTIONS,
        OFFERS,
        VENUES,
        NEIGHBOURHOODS,
        PROVISIONS,
        COMPETENCES,
        TRAINING,
    ],
    RoleName.GROUP_WORKER: [
        TODAY,
        WAITLISTS,
        SCHEDULE,
        AVAILABILITY,
        OPEN_QUESTIONS,
        OFFERS,
        VENUES,
        PROVISIONS,
        LETTERS,
        TRAINING,
    ],
    RoleName.SOCIAL_WORKER: [
        TODAY,
        QUEUE,
        DESK,
        REFER,
        WAITLISTS,
        OFFERS,
        SCHEDULE,
        AVAILABILITY,
        SLOTS,
        PROVISIONS,
        LETTERS,
        TRAINING,
    ],
    RoleName.TEAM_MEMBER: [TODAY, REFER, REFERRALS, OFFERS, AVAILABILITY, PROVISIONS, TRAINING],
    RoleName.DESK: [TODAY, DESK, REFER, SLOTS, OFFERS, LETTERS],
    RoleName.REFERRER: [TODAY, REFER, REFERRALS, OFFERS],
    RoleName.ADMINISTRATOR: [TODAY],
}
# A phone's bar has room for five.
BAR_PLACES = 5


class Navigation:
    """The menu of one request; works nothing out, and asks the database nothing, until a page shows it."""

    def __init__(self, request):
        self.request = request

    @cached_property
    def roles(self):
        user = getattr(self.request, "user", None)
        return [role for role in MENUS if user is not None and has_role(user, role)]

    @cached_property
    def role_labels(self):
        return [role.label for role in self.roles]

    @cached_property
    def items(self):
        wanted = dict.fromkeys(item for role in self.roles for item in MENUS[role])
        return [entry for item in wanted if (entry := self._entry(item))]

    @property
    def bar(self):
        return self.items if len(self.items) <= BAR_PLACES else self.items[: BAR_PLACES - 1]

    @property
    def more(self):
        return self.items[len(self.bar) :]

    @property
    def is_current_in_more(self):
        return any(entry["is_current"] for entry in self.more)

    @property
    def home_url(self):
        return _reverse("reporting:today") or "/"

    @property
    def mailbox_url(self):
        return _reverse("notifications:mailbox") if settings.MAILBOX_DIR else ""

    def _entry(self, item):
        url = _reverse(item.url_name)
        match = self.request.resolver_match
        is_current = bool(match and match.view_name in item.pages)
        return url and {
            "url": url,
            "label": item.label,
            "short_label": item.short_label,
            "icon": item.icon,
            "is_current": is_current,
        }


def _reverse(name):
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def navigation(request):
    """`nav` for base.html and `now` for what depends on the clock; a view's own values win."""
    return {"nav": Navigation(request), "now": timezone.now()}
