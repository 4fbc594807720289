"""What JudgeForm checks across fields; each error stands at the field that can put it right."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from groups.services.direct import is_talk_first
from intake.enums import FOLLOWED_UP, Decision, UrgentNeed
from intake.fitting import needs_word
from intake.services import check_decision
from neighbourhoods.enums import CatchmentLevel

LATEST_WEEKS = 52


def check_findings(form, cleaned):
    """R5, R40."""
    needs = cleaned.get("urgent_needs") or ()
    if UrgentNeed.OTHER in needs and not cleaned.get("hold_reason"):
        form.add_error("hold_reason", _("Say in a few words what comes first."))
    if cleaned.get("is_sensitive") and not (cleaned.get("instructions") or "").strip():
        form.add_error("instructions", _("Say how we can reach this person safely."))
    if (needs or cleaned.get("decision") in FOLLOWED_UP) and "follow_up_on" in cleaned:
        _check_follow_up(form, cleaned["follow_up_on"])


def _check_follow_up(form, day):
    if day is None:
        form.add_error("follow_up_on", _("Choose the day on which somebody asks again."))
    elif day <= form.today:
        form.add_error("follow_up_on", _("Choose a day after today."))
    elif (day - form.today).days > 7 * LATEST_WEEKS:
        form.add_error("follow_up_on", _("Choose a day within a year."))


def check_what_was_decided(form, cleaned):
    """R4, R8b, R36; what is already told at a field is not told twice."""
    is_direct = cleaned.get("decision") == Decision.DIRECT
    try:
        check_decision(
            decision=cleaned.get("decision"),
            places=[cleaned["direct_offer"]] if is_direct and cleaned.get("direct_offer") else cleaned.get("offers"),
            destination=cleaned.get("destination") or "",
            reason=cleaned.get("reason") or "",
            provision=cleaned.get("provision"),
            basic_needs_urgent=bool(cleaned.get("urgent_needs")),
            follow_up_on=cleaned.get("follow_up_on"),
        )
    except ValidationError as error:
        for field, found in error.error_dict.items():
            if field not in form.errors:
                form.add_error(field, found)


def check_places(form, cleaned):
    """R3, R8, R18: for a place on a list, or at once in a group."""
    decision = cleaned.get("decision")
    if decision not in (Decision.WAITLIST, Decision.DIRECT):
        return
    chosen = form.chosen_fits()
    unfit = [fit.offer.name for fit in chosen if needs_word(fit)]
    if unfit and not (cleaned.get("fit_exception") or "").strip():
        message = _("%(offers)s does not fit by the rules of the offer. Say why it is right for this person.")
        form.add_error("fit_exception", message % {"offers": ", ".join(unfit)})
    near = any(fit.catchment.level == CatchmentLevel.NEIGHBOURHOOD for fit in chosen)
    if near and cleaned.get("refuses_own_neighbourhood") and not cleaned.get("other_catchment"):
        message = _("Choose another neighbourhood, or a group for the whole municipality.")
        form.add_error("other_catchment", message)
    talk_first = decision == Decision.DIRECT and any(is_talk_first(fit.offer) for fit in chosen)
    if talk_first and not cleaned.get("talk_held"):
        form.add_error("talk_held", _("For this group the talk comes first. Tick it when you held it."))
