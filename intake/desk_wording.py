"""The desk's codes in words: what is refused and why, and what happened to an appointment (R2)."""

from django.utils.translation import gettext_lazy

from intake.enums import AppointmentEventCode, AppointmentState

REFUSALS = {
    "gone": gettext_lazy("This place was just taken. Nothing was booked; choose another one below."),
    "not_here": gettext_lazy("This client does not live, or no longer lives, in a municipality where you work."),
    "has_appointment": gettext_lazy("This client has an intake already. Move that one instead."),
    "no_such_place": gettext_lazy("The intake slots were changed: this place is not there any more. Choose another."),
    "past": gettext_lazy("This moment has passed. Choose a later one."),
    "holiday": gettext_lazy("This is a public holiday. Choose another day."),
    "cancelled": gettext_lazy("This slot was called off for that day. Choose another."),
    "worker_elsewhere": gettext_lazy("%(name)s does not work where this client lives now. Choose another colleague."),
    "room_out_of_use": gettext_lazy("This room is not in use any more. Choose another."),
    "not_booked": gettext_lazy("This appointment was changed meanwhile. Look below how it stands now."),
    "begun": gettext_lazy("This intake has begun. Note whether the client came. After that it can be planned anew."),
    "not_possible": gettext_lazy("This appointment was changed meanwhile. Look below how it stands now."),
    "same_place": gettext_lazy("The appointment is at this moment already."),
    "not_yet": gettext_lazy("The intake has yet to begin."),
    "in_the_past": gettext_lazy("Choose today or a later day."),
    "ends_before_begin": gettext_lazy("The last day is before the first."),
    "past_midnight": gettext_lazy("The slot would end after midnight. Choose an earlier time or a shorter one."),
    "never_then": gettext_lazy("This day of the week does not fall between the first and the last day."),
    "room_elsewhere": gettext_lazy("This room is in another municipality."),
    "room_closed": gettext_lazy("The venue is closed then. Choose another time or room."),
    "overlaps_own": gettext_lazy("This overlaps with another intake slot of the same colleague. Change that one, or "
                                 "choose another time."),
    "room_has_slot": gettext_lazy("A colleague has an intake slot in this room at this time. Choose another room or "
                                  "time."),
    "already_ended": gettext_lazy("This slot has ended before that day."),
}  # fmt: skip
EVENT_WORDS = {
    AppointmentEventCode.BOOKED: gettext_lazy("Booked for %(when)s"),
    AppointmentEventCode.MOVED: gettext_lazy("Moved to %(when)s"),
    AppointmentEventCode.CANCELLED: gettext_lazy("Called off: %(reason)s"),
    AppointmentEventCode.HELD: gettext_lazy("Held"),
    AppointmentEventCode.NO_SHOW: gettext_lazy("The client did not come"),
    AppointmentEventCode.TOLD: gettext_lazy("The client was called"),
}
STATE_TONES = {
    AppointmentState.BOOKED: "info",
    AppointmentState.HELD: "ok",
    AppointmentState.NO_SHOW: "warn",
    AppointmentState.CANCELLED: "neutral",
}


def desk_refusal(refused):
    """The sentence for a DeskRefused."""
    return REFUSALS[refused.code] % refused.args_of_code if refused.args_of_code else str(REFUSALS[refused.code])


def event_text(event, when):
    """What happened, without anybody's name; `when` is the appointment's moment in words."""
    return EVENT_WORDS[event.code] % {"when": when, "reason": event.get_reason_display()}
