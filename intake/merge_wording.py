"""What is said before two files become one, and why they cannot (R43)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REFUSALS = {
    "already_merged": gettext_lazy("A colleague made one file of these two just before you."),
    "changed_meanwhile": gettext_lazy(
        "Somebody changed one of the files at this moment. Nothing was merged; try again."
    ),
    "settled_as_two": gettext_lazy("A colleague said just before you that these are two people. Nothing was merged."),
    "never_together": gettext_lazy(
        "These two must never be in one group, and nobody must never meet themselves. If it is one person, take that "
        "wish away in the file first."
    ),
    "instructions_too_long": gettext_lazy(
        "What both files say about reaching this person safely is too long for one file. Shorten one of them first."
    ),
    "two_places": gettext_lazy("Both files have a place in a group of %(offer)s. Settle first which place is kept."),
    "took_part_twice": gettext_lazy(
        "Both files took part in the same group of %(offer)s, so these look like two people. Nothing was merged."
    ),
    "two_intakes": gettext_lazy(
        "One referrer sent this person twice, and an intake is planned for both or for the one that falls away. Call "
        "that intake off first."
    ),
}


def merge_refusal(refused):
    """Why two files were not merged; nothing was changed then."""
    return REFUSALS[refused.code] % refused.args_of_code


def merge_consequences(day):
    """What happens to both files; day is since when the one that stays is known, in words."""
    return [
        _("The file that is known since %(day)s stays. All that stands in the other goes there.") % {"day": day},
        _("Of two places on one waitlist one stays, with the longest waiting time."),
        _("Of how this person may be reached the most careful holds: what is unsafe in one file is unsafe."),
        _("Mail that would now go elsewhere, and letters of the other file, are withdrawn if they have not left yet."),
        _("Everybody who worked with one of the files works with the one that stays."),
        _("Each referrer keeps seeing only their own referral, and hears nothing of this."),
        _("The other file is emptied for good. This cannot be undone."),
    ]
