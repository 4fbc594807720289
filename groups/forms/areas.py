"""R11: joining and splitting areas, and moving a list's people: each asks why."""

from django.utils.translation import gettext_lazy as _

from groups.forms.refusals import RefusableForm, text_field


class AreaForm(RefusableForm):
    field_of = {"reason_missing": "reason"}
    reason = text_field(
        _("Why?"),
        help_text=_("One sentence, without names of participants."),
        error_messages={"required": _("Write down why. Colleagues find it back below.")},
    )
