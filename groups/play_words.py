"""What playbooks, courses and competences refuse, in words (R14, R31, R38)."""

from django.utils.translation import gettext_lazy

PLAIN = {
    "title_taken": gettext_lazy("this playbook has a part with that name already"),
    "part_changed": gettext_lazy(
        "somebody changed this part meanwhile, so nothing of yours was saved yet. Below stands how it is now; "
        "save once more to put yours in its place"
    ),
    "part_retired": gettext_lazy("this part is not in use any more"),
    "part_of_other_offer": gettext_lazy("this part belongs to the playbook of another group"),
    "part_was_used": gettext_lazy("this part was noted as used in this session; change that on the session's page"),
    "report_closed": gettext_lazy("this session is closed; open it again to change what was done"),
    "role_cannot_lead": gettext_lazy("only a group worker or a social worker can lead"),
    "role_cannot_sit": gettext_lazy("this person has no role in which one leads or co-leads groups"),
    "not_here_any_more": gettext_lazy("this person does not work here any more"),
    "has_it_already": gettext_lazy("this person has this competence already, for as long or longer"),
    "day_not_ahead": gettext_lazy("choose a day that is still to come"),
    "competence_gone": gettext_lazy("this competence was withdrawn already"),
    "ends_earlier": gettext_lazy("this competence ends earlier already; to extend it, grant it again"),
    "course_name_taken": gettext_lazy("there is a course with that name already"),
    "course_closed": gettext_lazy("this course is not given any more"),
    "day_is_over": gettext_lazy("this course day is over"),
    "day_not_over": gettext_lazy("this course day is still to come; note afterwards who was there"),
    "day_cancelled": gettext_lazy("this course day was cancelled"),
    "course_full": gettext_lazy("this course day is full"),
    "wrong_role": gettext_lazy("this course is meant for people with another role"),
    "enrolled_already": gettext_lazy("this person has a place in this course already"),
    "fewer_than_enrolled": gettext_lazy("more people than that have a place already"),
    "result_counts": gettext_lazy(
        "the competence of this course was given already; end it on the page of competences"
    ),
}
