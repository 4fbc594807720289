"""Addresses of intake; included at the root, in Dutch as its users read them."""

from django.urls import path

from intake.views import (
    appointments,
    desk,
    drafts,
    judging,
    merging,
    open_questions,
    referral_drafts,
    referring,
    slots,
)

app_name = "intake"
urlpatterns = [
    path("verwijzen/", referring.refer, name="refer"),
    path("verwijzen/passend/", referring.refer_fit, name="refer_fit"),
    path("verwijzen/concept/", referral_drafts.draft_keep, name="refer_keep"),
    path("verwijzen/concept/<int:pk>/weg/", referral_drafts.draft_discard, name="refer_discard"),
    path("verwijzingen/", referring.referrals, name="referrals"),
    path("verwijzingen/<int:pk>/", referring.referral, name="referral"),
    path("clienten/misschien-dezelfde/<int:pk>/samenvoegen/", merging.merge, name="merge"),
    path("intake/", judging.queue, name="queue"),
    path("intake/<int:pk>/", judging.judge, name="judge"),
    path("intake/<int:pk>/bewaren/", drafts.save, name="draft_save"),
    path("intake/<int:pk>/opnieuw/", drafts.discard, name="draft_discard"),
    path("open-vragen/", open_questions.open_questions, name="open_questions"),
    path("open-vragen/wachtlijst/<int:pk>/", open_questions.open_for_list, name="open_for_list"),
    path("open-vragen/<int:pk>/", open_questions.open_question, name="open_question"),
    path("open-vragen/<int:pk>/plaatsen/", open_questions.answer, name="open_question_answer"),
    path("open-vragen/<int:pk>/past-niet/", open_questions.not_this, name="open_question_not_this"),
    path("open-vragen/<int:pk>/later/", open_questions.review, name="open_question_review"),
    path("open-vragen/<int:pk>/afsluiten/", open_questions.withdraw, name="open_question_withdraw"),
    path("intake/spreekuur/", desk.week, name="desk_week"),
    path("intake/spreekuur/in-te-plannen/", desk.queue, name="desk_queue"),
    path("intake/spreekuur/in-te-plannen/<int:pk>/", desk.book, name="desk_book"),
    path("intake/spreekuur/plekken/<int:pk>/<str:day>/", desk.place, name="desk_place"),
    path("intake/spreekuur/afspraken/<int:pk>/", appointments.appointment, name="desk_appointment"),
    path("intake/spreekuur/afspraken/<int:pk>/verzetten/", appointments.move, name="desk_move"),
    path("intake/spreekuur/afspraken/<int:pk>/afzeggen/", appointments.cancel, name="desk_cancel"),
    path("intake/spreekuur/afspraken/<int:pk>/uitkomst/", appointments.outcome, name="desk_outcome"),
    path("intake/spreekuur/afspraken/<int:pk>/gebeld/", appointments.told, name="desk_told"),
    path("intake/spreekuur/afwezig/", appointments.absence, name="desk_absence"),
    path("intake/spreekuur/mijn/", slots.slots, name="slots"),
    path("intake/spreekuur/mijn/nieuw/", slots.slot_add, name="slot_add"),
    path("intake/spreekuur/mijn/extra/", slots.slot_extra, name="slot_extra"),
    path("intake/spreekuur/mijn/<int:pk>/wijzigen/", slots.slot_change, name="slot_change"),
    path("intake/spreekuur/mijn/<int:pk>/stoppen/", slots.slot_stop, name="slot_stop"),
    path("intake/spreekuur/mijn/<int:pk>/uitvallen/", slots.slot_skip, name="slot_skip"),
    path("intake/spreekuur/mijn/uitval/<int:pk>/terug/", slots.slot_restore, name="slot_restore"),
]
