from django.urls import path

from groups.views import answers, cycles, entries, history, modes, offers, own_time, schedule, sessions, waitlists

app_name = "groups"
urlpatterns = [
    path("groepen/", offers.offers, name="offers"),
    path("groepen/aanbod/<slug:slug>/", offers.offer, name="offer"),
    path("groepen/wachtlijsten/", waitlists.waitlists, name="waitlists"),
    path("groepen/wachtlijsten/<int:pk>/", waitlists.waitlist, name="waitlist"),
    path("groepen/wachtlijsten/<int:pk>/cyclus/", cycles.cycle_form, name="cycle_form"),
    path("groepen/wachtlijsten/<int:pk>/handmatig/", modes.waitlist_mode, name="waitlist_mode"),
    path("groepen/wachtlijsten/<int:pk>/geschiedenis/", history.waitlist_history, name="waitlist_history"),
    path("groepen/cycli/<int:pk>/geschiedenis/", history.cycle_history, name="cycle_history"),
    path("clienten/<uuid:public_id>/geschiedenis/", history.person_history, name="person_history"),
    path("groepen/gebieden/<int:pk>/handmatig/", modes.area_mode, name="area_mode"),
    path("groepen/wachtenden/<int:pk>/gesprek/", entries.talk, name="entry_talk"),
    path("groepen/wachtenden/<int:pk>/basis-eerst/", entries.hold, name="entry_hold"),
    path("groepen/wachtenden/<int:pk>/telt-weer-mee/", entries.release, name="entry_release"),
    path("groepen/wachtenden/<int:pk>/voorrang/", entries.priority, name="entry_priority"),
    path("groepen/wachtenden/<int:pk>/van-de-lijst/", entries.leave, name="entry_leave"),
    path("groepen/rooster/", schedule.schedule, name="schedule"),
    path("groepen/cycli/<int:pk>/", cycles.cycle, name="cycle"),
    path("groepen/cycli/<int:pk>/vervanging/", sessions.substitute, name="cycle_substitute"),
    path("groepen/cycli/<int:pk>/besluit/", cycles.decide, name="cycle_decide"),
    path("groepen/cycli/<int:pk>/annuleren/", cycles.cancel, name="cycle_cancel"),
    path("groepen/bijeenkomsten/<int:pk>/verzetten/", sessions.move, name="session_move"),
    path("groepen/bijeenkomsten/<int:pk>/annuleren/", sessions.cancel, name="session_cancel"),
    path("groepen/bijeenkomsten/<int:pk>/ruimte/", sessions.room, name="session_room"),
    path("groepen/deelnames/<int:pk>/antwoord/", answers.participation_answer, name="participation_answer"),
    path("groepen/deelnames/<int:pk>/gesprek/", answers.participation_talk, name="participation_talk"),
    path("groepen/mijn-tijden/", own_time.availability, name="availability"),
    path("groepen/verlof/nieuw/", own_time.leave_add, name="leave_add"),
    path("groepen/verlof/<int:pk>/intrekken/", own_time.leave_remove, name="leave_remove"),
    path("antwoord/<str:token>/", answers.answer, name="answer"),
]
