"""Every address × every role × GET and POST (S1): who gets in, who is refused, and for whom it does not exist.

Each person is somebody: Wil works in Beverwijk and leads, Bo works elsewhere; Tess referred the client and co-leads,
Tom is of another team. An address that is not in the table fails, and so does a row without an address.
"""

import datetime as dt
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.test import override_settings
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.enums import BookingKind
from accounts.feeds import make_feed
from accounts.models import WorkerBooking
from accounts.periods import local_moment
from accounts.services import record_leave
from clients.enums import ConsentPurpose, FollowUpAbout
from clients.models import Client, Exclusion, Letter, Likeness
from clients.services import plan_follow_up, record_consent
from groups.links import answer_token, mark_token
from groups.models import Cycle, IndividualTalk
from groups.services.areas import join_areas
from groups.services.enrolments import enrol
from groups.services.waitlists import hold_entry
from intake.enums import Decision
from intake.services import cancel_occurrence
from intake.services.referral_drafts import keep_draft
from neighbourhoods.enums import RoomBookingKind
from neighbourhoods.services import add_provision, book_room
from notifications.mailbox import list_mails
from notifications.services import send_notifications
from reporting.digest import stop_token
from tests.factories.accounts import (
    PASSWORD,
    make_administrator,
    make_coordinator,
    make_desk,
    make_group_worker,
    make_referrer,
    make_social_worker,
    make_team_member,
)
from tests.factories.groups import make_entry, make_waitlist, make_worker, sweep
from tests.factories.intake import make_appointment, make_door, make_judgement, make_referral, make_slot
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood, make_room
from tests.factories.play import make_course, make_day, make_part

ROLES = ("anonymous", "wil", "bo", "tess", "tom", "sanne", "sjaak", "loes", "coba", "ada", "rein")
# wil, bo: group workers, here and elsewhere; tess, tom: team members, involved and not; sanne, sjaak: social workers,
# here and elsewhere; loes: desk; coba: coordinator; ada: administrator; rein: referrer of others.
OUTSIDERS = {"anonymous", "bo", "tom", "sjaak", "loes", "coba", "ada", "rein"}
CLIENT_PAGES = ("file", "edit", "availability", "consent", "exclusion", "contact_add", "contacts")
BORN_LATER = dt.date(1991, 5, 4)
TOKENS = ("Kanariegeel", "Zwartkopje", "kanarie@voorbeeld.example", "0698765432")

TABLE = """
# address                                 how  anon wil bo  tess tom sanne sjaak loes coba ada rein
account_change_password                  GET  302 200 200 200 200 200 200 200 200 200 200
account_change_password                  POST 302 200 200 200 200 200 200 200 200 200 200
account_inactive                         GET  200 200 200 200 200 200 200 200 200 200 200
account_inactive                         POST 405 405 405 405 405 405 405 405 405 405 405
account_login                            GET  200 302 302 302 302 302 302 302 302 302 302
account_login                            POST 200 302 302 302 302 302 302 302 302 302 302
account_logout                           GET  302 200 200 200 200 200 200 200 200 200 200
account_logout                           POST 302 302 302 302 302 302 302 302 302 302 302
account_reset_password                   GET  200 200 200 200 200 200 200 200 200 200 200
account_reset_password                   POST 200 200 200 200 200 200 200 200 200 200 200
account_reset_password_done              GET  200 200 200 200 200 200 200 200 200 200 200
account_reset_password_done              POST 405 405 405 405 405 405 405 405 405 405 405
account_reset_password_from_key          GET  200 200 200 200 200 200 200 200 200 200 200
account_reset_password_from_key          POST 200 200 200 200 200 200 200 200 200 200 200
account_reset_password_from_key_done     GET  200 200 200 200 200 200 200 200 200 200 200
account_reset_password_from_key_done     POST 405 405 405 405 405 405 405 405 405 405 405
clients:availability                     GET  302 200 404 404 404 200 404 404 404 404 404
clients:availability                     POST 302 302 404 404 404 302 404 404 404 404 404
clients:consent                          GET  302 200 404 404 404 200 404 404 404 404 404
clients:consent                          POST 302 422 404 404 404 422 404 404 404 404 404
clients:consent_withdraw                 GET  302 200 404 404 404 200 404 404 404 404 404
clients:consent_withdraw                 POST 302 302 404 404 404 302 404 404 404 404 404
clients:contact_add                      GET  302 200 404 200 404 200 404 404 404 404 404
clients:contact_add                      POST 302 422 404 422 404 422 404 404 404 404 404
clients:contacts                         GET  302 200 404 200 404 200 404 404 404 404 404
clients:contacts                         POST 302 405 405 405 405 405 405 405 405 405 405
clients:edit                             GET  302 200 404 404 404 200 404 404 404 404 404
clients:edit                             POST 302 422 404 404 404 422 404 404 404 404 404
clients:exclusion                        GET  302 200 404 404 404 200 404 404 404 404 404
clients:exclusion                        POST 302 422 404 404 404 422 404 404 404 404 404
clients:exclusion_remove                 GET  302 405 405 405 405 405 405 405 405 405 405
clients:exclusion_remove                 POST 302 302 404 404 404 302 404 404 404 404 404
clients:file                             GET  302 200 404 200 404 200 404 404 404 404 404
clients:file                             POST 302 405 405 405 405 405 405 405 405 405 405
clients:follow_up                        GET  302 200 404 403 403 200 404 403 403 403 403
clients:follow_up                        POST 302 422 404 403 403 422 404 403 403 403 403
clients:follow_ups                       GET  302 200 200 403 403 200 200 403 403 403 403
clients:follow_ups                       POST 302 405 405 403 403 405 405 403 403 403 403
clients:letter                           GET  302 200 404 403 403 200 404 404 403 403 403
clients:letter                           POST 405 405 405 405 405 405 405 405 405 405 405
clients:letters                          GET  302 200 200 403 403 200 200 200 403 403 403
clients:letters                          POST 405 405 405 405 405 405 405 405 405 405 405
clients:letters_print                    GET  405 405 405 405 405 405 405 405 405 405 405
clients:letters_print                    POST 302 302 302 403 403 302 302 302 403 403 403
clients:likeness                         GET  302 403 403 403 403 200 404 404 403 403 403
clients:likeness                         POST 302 403 403 403 403 302 404 404 403 403 403
clients:likenesses                       GET  302 403 403 403 403 200 200 200 403 403 403
clients:likenesses                       POST 302 403 403 403 403 405 405 405 403 403 403
groups:absence                           GET  302 200 200 200 200 200 200 403 200 403 403
groups:absence                           POST 302 422 422 422 422 422 422 403 422 403 403
groups:after_five                        GET  302 302 404 302 404 403 404 403 403 403 403
groups:after_five                        POST 302 302 404 302 404 403 404 403 403 403 403
groups:answer                            GET  200 200 200 200 200 200 200 200 200 200 200
groups:answer                            POST 302 302 302 302 302 302 302 302 302 302 302
groups:area_join                         GET  302 403 403 403 403 403 403 403 200 403 403
groups:area_join                         POST 302 403 403 403 403 403 403 403 422 403 403
groups:area_mode                         GET  302 403 403 403 403 403 403 403 200 403 403
groups:area_mode                         POST 302 403 403 403 403 403 403 403 422 403 403
groups:area_split                        GET  302 403 403 403 403 403 403 403 200 403 403
groups:area_split                        POST 302 403 403 403 403 403 403 403 422 403 403
groups:availability                      GET  302 200 200 200 200 200 200 403 403 403 403
groups:availability                      POST 302 302 302 302 302 302 302 403 403 403 403
groups:cycle                             GET  302 200 404 200 404 200 404 403 200 403 403
groups:cycle                             POST 302 405 405 405 405 405 405 403 405 403 403
groups:cycle_cancel                      GET  302 200 404 403 404 403 404 403 200 403 403
groups:cycle_cancel                      POST 302 422 404 403 404 403 404 403 422 403 403
groups:cycle_decide                      GET  302 302 404 403 404 403 404 403 302 403 403
groups:cycle_decide                      POST 302 302 404 403 404 403 404 403 302 403 403
groups:cycle_form                        GET  302 200 404 403 403 403 403 403 403 403 403
groups:cycle_form                        POST 302 422 404 403 403 403 403 403 403 403 403
groups:cycle_history                     GET  302 200 404 200 404 200 404 403 200 403 403
groups:cycle_history                     POST 302 405 405 405 405 405 405 403 405 403 403
groups:cycle_marks                       GET  302 302 404 302 404 403 404 403 403 403 403
groups:cycle_marks                       POST 302 302 404 302 404 403 404 403 403 403 403
groups:cycle_substitute                  GET  302 200 404 403 404 403 404 403 200 403 403
groups:cycle_substitute                  POST 302 422 404 403 404 403 404 403 422 403 403
groups:day_hours                         GET  302 200 200 200 200 200 200 403 403 403 403
groups:day_hours                         POST 302 422 422 422 422 422 422 403 403 403 403
groups:day_hours_remove                  GET  302 405 405 405 405 405 405 403 403 403 403
groups:day_hours_remove                  POST 302 302 302 302 302 302 302 403 403 403 403
groups:entry_hold                        GET  302 200 404 403 403 200 404 403 403 403 403
groups:entry_hold                        POST 302 422 404 403 403 422 404 403 403 403 403
groups:entry_leave                       GET  302 200 404 403 403 200 404 403 403 403 403
groups:entry_leave                       POST 302 422 404 403 403 422 404 403 403 403 403
groups:entry_priority                    GET  302 200 404 403 403 200 404 403 403 403 403
groups:entry_priority                    POST 302 422 404 403 403 422 404 403 403 403 403
groups:entry_release                     GET  302 200 404 403 403 200 404 403 403 403 403
groups:entry_release                     POST 302 302 404 403 403 302 404 403 403 403 403
groups:entry_talk                        GET  302 200 404 403 403 200 404 403 403 403 403
groups:entry_talk                        POST 302 422 404 403 403 422 404 403 403 403 403
groups:feed                              GET  200 200 200 200 200 200 200 200 200 200 200
groups:feed                              POST 405 405 405 405 405 405 405 405 405 405 405
groups:feed_make                         GET  302 405 405 405 405 405 405 403 403 403 403
groups:feed_make                         POST 302 200 200 200 200 200 200 403 403 403 403
groups:feed_stop                         GET  302 405 405 405 405 405 405 403 403 403 403
groups:feed_stop                         POST 302 302 302 302 302 302 302 403 403 403 403
groups:leave_add                         GET  302 200 200 200 200 200 200 403 403 403 403
groups:leave_add                         POST 302 422 422 422 422 422 422 403 403 403 403
groups:leave_remove                      GET  302 405 405 405 405 405 405 403 403 403 403
groups:leave_remove                      POST 302 302 404 404 404 404 404 403 403 403 403
groups:list_widen                        GET  302 403 403 403 403 403 403 403 200 403 403
groups:list_widen                        POST 302 403 403 403 403 403 403 403 422 403 403
groups:mark                              GET  200 200 200 200 200 200 200 200 200 200 200
groups:mark                              POST 422 422 422 422 422 422 422 422 422 422 422
groups:offer                             GET  302 200 200 200 200 200 200 200 200 200 200
groups:offer                             POST 302 405 405 405 405 405 405 405 405 405 405
groups:offer_texts                       GET  302 403 403 403 403 403 403 403 200 403 403
groups:offer_texts                       POST 302 403 403 403 403 403 403 403 422 403 403
groups:offers                            GET  302 200 200 200 200 200 200 200 200 200 200
groups:offers                            POST 302 405 405 405 405 405 405 405 405 405 405
groups:participation_answer              GET  302 200 404 200 404 200 404 403 403 403 403
groups:participation_answer              POST 302 422 404 422 404 422 404 403 403 403 403
groups:participation_talk                GET  302 200 404 200 404 200 404 403 403 403 403
groups:participation_talk                POST 302 422 404 422 404 422 404 403 403 403 403
groups:person_history                    GET  302 200 404 404 404 200 404 404 404 404 404
groups:person_history                    POST 302 405 405 405 405 405 405 405 405 405 405
groups:schedule                          GET  302 200 200 200 200 200 200 403 200 403 403
groups:schedule                          POST 302 405 405 405 405 405 405 403 405 403 403
groups:session                           GET  302 200 404 200 404 200 404 403 200 403 403
groups:session                           POST 302 422 404 422 404 403 404 403 403 403 403
groups:session_add                       GET  302 200 404 403 404 403 404 403 200 403 403
groups:session_add                       POST 302 422 404 403 404 403 404 403 422 403 403
groups:session_cancel                    GET  302 200 404 200 404 403 404 403 200 403 403
groups:session_cancel                    POST 302 422 404 422 404 403 404 403 422 403 403
groups:session_move                      GET  302 200 404 200 404 403 404 403 200 403 403
groups:session_move                      POST 302 422 404 422 404 403 404 403 422 403 403
groups:session_rest                      GET  302 200 404 403 404 403 404 403 200 403 403
groups:session_rest                      POST 302 422 404 403 404 403 404 403 422 403 403
groups:session_room                      GET  302 200 404 200 404 403 404 403 200 403 403
groups:session_room                      POST 302 422 404 422 404 403 404 403 422 403 403
groups:talk_cancel                       GET  302 200 404 200 404 403 404 403 403 403 403
groups:talk_cancel                       POST 302 302 404 302 404 403 404 403 403 403 403
groups:talk_held                         GET  302 405 405 405 405 405 405 403 405 403 403
groups:talk_held                         POST 302 302 404 302 404 403 404 403 403 403 403
groups:talk_move                         GET  302 200 404 200 404 403 404 403 403 403 403
groups:talk_move                         POST 302 422 404 422 404 403 404 403 403 403 403
groups:talk_plan                         GET  302 200 404 200 404 403 404 403 403 403 403
groups:talk_plan                         POST 302 422 404 422 404 403 404 403 403 403 403
groups:talks                             GET  302 200 404 200 404 200 404 403 403 403 403
groups:talks                             POST 302 405 405 405 405 405 405 403 405 403 403
groups:waitlist                          GET  302 200 404 403 403 200 404 403 200 403 403
groups:waitlist                          POST 302 405 405 403 403 405 405 403 405 403 403
groups:waitlist_history                  GET  302 200 404 403 403 200 404 403 200 403 403
groups:waitlist_history                  POST 302 405 405 403 403 405 405 403 405 403 403
groups:waitlist_mode                     GET  302 403 403 403 403 403 403 403 200 403 403
groups:waitlist_mode                     POST 302 403 403 403 403 403 403 403 422 403 403
groups:waitlist_start                    GET  302 405 405 403 403 403 403 403 403 403 403
groups:waitlist_start                    POST 302 409 404 403 403 403 403 403 403 403 403
groups:waitlists                         GET  302 200 200 403 403 200 200 403 200 403 403
groups:waitlists                         POST 302 405 405 403 403 405 405 403 405 403 403
groups:wider                             GET  302 403 403 403 403 403 403 403 200 403 403
groups:wider                             POST 302 403 403 403 403 403 403 403 405 403 403
groups:competence_end                    GET  302 403 403 403 403 403 403 403 200 403 403
groups:competence_end                    POST 302 403 403 403 403 403 403 403 422 403 403
groups:competence_grant                  GET  302 403 403 403 403 403 403 403 200 403 403
groups:competence_grant                  POST 302 403 403 403 403 403 403 403 422 403 403
groups:competences                       GET  302 403 403 403 403 403 403 403 200 403 403
groups:competences                       POST 302 403 403 403 403 403 403 403 405 403 403
groups:course                            GET  302 403 403 403 403 403 403 403 200 403 403
groups:course                            POST 302 403 403 403 403 403 403 403 405 403 403
groups:course_add                        GET  302 403 403 403 403 403 403 403 200 403 403
groups:course_add                        POST 302 403 403 403 403 403 403 403 422 403 403
groups:course_day                        GET  302 403 403 403 403 403 403 403 200 403 403
groups:course_day                        POST 302 403 403 403 403 403 403 403 422 403 403
groups:course_day_add                    GET  302 403 403 403 403 403 403 403 200 403 403
groups:course_day_add                    POST 302 403 403 403 403 403 403 403 422 403 403
groups:course_day_cancel                 GET  302 403 403 403 403 403 403 403 200 403 403
groups:course_day_cancel                 POST 302 403 403 403 403 403 403 403 302 403 403
groups:course_day_edit                   GET  302 403 403 403 403 403 403 403 200 403 403
groups:course_day_edit                   POST 302 403 403 403 403 403 403 403 422 403 403
groups:course_day_enrol                  GET  302 403 403 403 403 403 403 403 405 403 403
groups:course_day_enrol                  POST 302 403 403 403 403 403 403 403 422 403 403
groups:course_edit                       GET  302 403 403 403 403 403 403 403 200 403 403
groups:course_edit                       POST 302 403 403 403 403 403 403 403 422 403 403
groups:course_enrol                      GET  302 405 405 405 405 405 405 403 403 403 403
groups:course_enrol                      POST 302 302 302 302 302 302 302 403 403 403 403
groups:course_leave                      GET  302 405 405 405 405 405 405 403 403 403 403
groups:course_leave                      POST 302 302 302 302 302 302 302 403 403 403 403
groups:course_place_remove               GET  302 403 403 403 403 403 403 403 405 403 403
groups:course_place_remove               POST 302 403 403 403 403 403 403 403 302 403 403
groups:courses                           GET  302 200 200 200 200 200 200 403 200 403 403
groups:courses                           POST 302 405 405 405 405 405 405 403 405 403 403
groups:my_competences                    GET  302 200 200 200 200 200 200 403 403 403 403
groups:my_competences                    POST 302 405 405 405 405 405 405 403 403 403 403
groups:part_add                          GET  302 403 403 403 403 403 403 403 200 403 403
groups:part_add                          POST 302 403 403 403 403 403 403 403 422 403 403
groups:part_edit                         GET  302 403 403 403 403 403 403 403 200 403 403
groups:part_edit                         POST 302 403 403 403 403 403 403 403 422 403 403
groups:part_restore                      GET  302 403 403 403 403 403 403 403 405 403 403
groups:part_restore                      POST 302 403 403 403 403 403 403 403 302 403 403
groups:part_retire                       GET  302 403 403 403 403 403 403 403 405 403 403
groups:part_retire                       POST 302 403 403 403 403 403 403 403 302 403 403
groups:part_shift                        GET  302 403 403 403 403 403 403 403 405 403 403
groups:part_shift                        POST 302 403 403 403 403 403 403 403 400 403 403
groups:playbook                          GET  302 200 200 200 200 200 200 403 200 403 403
groups:playbook                          POST 302 405 405 405 405 405 405 403 405 403 403
groups:session_plan                      GET  302 200 404 200 404 200 404 403 200 403 403
groups:session_plan                      POST 302 302 404 302 404 302 404 403 302 403 403
groups:session_plan_pdf                  GET  302 200 404 200 404 200 404 403 200 403 403
groups:session_plan_pdf                  POST 302 405 405 405 405 405 405 403 405 403 403
healthz                                  GET  503 503 503 503 503 503 503 503 503 503 503
healthz                                  POST 405 405 405 405 405 405 405 405 405 405 405
intake:draft_discard                     GET  302 403 403 403 403 405 405 403 403 403 403
intake:draft_discard                     POST 302 403 403 403 403 302 404 403 403 403 403
intake:draft_save                        GET  302 403 403 403 403 405 405 403 403 403 403
intake:draft_save                        POST 401 403 403 403 403 302 404 403 403 403 403
intake:desk_absence                      GET  302 200 200 200 200 200 200 403 200 403 403
intake:desk_absence                      POST 302 200 200 200 200 200 200 403 200 403 403
intake:desk_appointment                  GET  302 403 403 403 403 200 404 404 403 403 403
intake:desk_appointment                  POST 302 403 403 403 403 405 405 405 403 403 403
intake:desk_book                         GET  302 403 403 403 403 302 404 404 403 403 403
intake:desk_book                         POST 302 403 403 403 403 302 404 404 403 403 403
intake:desk_cancel                       GET  302 403 403 403 403 200 404 404 403 403 403
intake:desk_cancel                       POST 302 403 403 403 403 422 404 404 403 403 403
intake:desk_move                         GET  302 403 403 403 403 200 404 404 403 403 403
intake:desk_move                         POST 302 403 403 403 403 422 404 404 403 403 403
intake:desk_outcome                      GET  302 403 403 403 403 405 405 405 403 403 403
intake:desk_outcome                      POST 302 403 403 403 403 302 404 404 403 403 403
intake:desk_place                        GET  302 403 403 403 403 200 404 404 403 403 403
intake:desk_place                        POST 302 403 403 403 403 422 404 404 403 403 403
intake:desk_queue                        GET  302 403 403 403 403 200 200 200 403 403 403
intake:desk_queue                        POST 302 403 403 403 403 405 405 405 403 403 403
intake:desk_told                         GET  302 403 403 403 403 405 405 405 403 403 403
intake:desk_told                         POST 302 403 403 403 403 302 404 404 403 403 403
intake:desk_week                         GET  302 403 403 403 403 200 200 200 403 403 403
intake:desk_week                         POST 302 403 403 403 403 405 405 405 403 403 403
intake:judge                             GET  302 403 403 403 403 200 404 403 403 403 403
intake:judge                             POST 401 403 403 403 403 200 404 403 403 403 403
intake:merge                             GET  302 403 403 403 403 200 404 403 403 403 403
intake:merge                             POST 302 403 403 403 403 422 404 403 403 403 403
intake:open_for_list                     GET  302 200 404 403 403 200 404 403 200 403 403
intake:open_for_list                     POST 302 405 405 403 403 405 405 403 405 403 403
intake:open_question                     GET  302 403 403 403 403 200 404 403 403 403 403
intake:open_question                     POST 302 403 403 403 403 405 405 403 403 403 403
intake:open_question_answer              GET  302 403 403 403 403 405 405 403 403 403 403
intake:open_question_answer              POST 302 403 403 403 403 404 404 403 403 403 403
intake:open_question_not_this            GET  302 403 403 403 403 405 405 403 403 403 403
intake:open_question_not_this            POST 302 403 403 403 403 404 404 403 403 403 403
intake:open_question_review              GET  302 403 403 403 403 405 405 403 403 403 403
intake:open_question_review              POST 302 403 403 403 403 422 404 403 403 403 403
intake:open_question_withdraw            GET  302 403 403 403 403 405 405 403 403 403 403
intake:open_question_withdraw            POST 302 403 403 403 403 422 404 403 403 403 403
intake:open_questions                    GET  302 200 200 403 403 200 200 403 200 403 403
intake:open_questions                    POST 302 405 405 403 403 405 405 403 405 403 403
intake:queue                             GET  302 403 403 403 403 200 200 403 403 403 403
intake:queue                             POST 302 403 403 403 403 405 405 403 403 403 403
intake:refer                             GET  302 200 200 200 200 200 200 200 403 403 200
intake:refer                             POST 401 200 200 200 200 200 200 200 403 403 200
intake:refer_discard                     GET  302 405 405 405 405 405 405 405 403 403 405
intake:refer_discard                     POST 302 404 404 302 404 404 404 404 403 403 404
intake:refer_fit                         GET  302 405 405 405 405 405 405 405 403 403 405
intake:refer_fit                         POST 302 200 200 200 200 200 200 200 403 403 200
intake:refer_keep                        GET  302 405 405 405 405 405 405 405 403 403 405
intake:refer_keep                        POST 302 404 404 404 404 404 404 404 403 403 404
intake:referral                          GET  302 200 404 200 404 200 404 404 403 403 404
intake:referral                          POST 302 405 405 405 405 405 405 405 403 403 405
intake:referral_note                     GET  302 405 405 405 405 405 405 405 403 403 405
intake:referral_note                     POST 302 404 404 422 404 404 404 404 403 403 404
intake:referrals                         GET  302 200 200 200 200 200 200 200 403 403 200
intake:referrals                         POST 302 405 405 405 405 405 405 405 403 403 405
intake:slot_add                          GET  302 403 403 403 403 200 200 200 403 403 403
intake:slot_add                          POST 302 403 403 403 403 422 422 422 403 403 403
intake:slot_change                       GET  302 403 403 403 403 200 404 404 403 403 403
intake:slot_change                       POST 302 403 403 403 403 422 404 404 403 403 403
intake:slot_extra                        GET  302 403 403 403 403 200 200 200 403 403 403
intake:slot_extra                        POST 302 403 403 403 403 422 422 422 403 403 403
intake:slot_restore                      GET  302 403 403 403 403 405 405 405 403 403 403
intake:slot_restore                      POST 302 403 403 403 403 302 404 404 403 403 403
intake:slot_skip                         GET  302 403 403 403 403 200 404 404 403 403 403
intake:slot_skip                         POST 302 403 403 403 403 422 404 404 403 403 403
intake:slot_stop                         GET  302 403 403 403 403 200 404 404 403 403 403
intake:slot_stop                         POST 302 403 403 403 403 422 404 404 403 403 403
intake:slots                             GET  302 403 403 403 403 200 200 200 403 403 403
intake:slots                             POST 302 403 403 403 403 405 405 405 403 403 403
neighbourhoods:closure_remove            GET  405 405 405 405 405 405 405 405 405 405 405
neighbourhoods:closure_remove            POST 302 302 404 403 403 403 403 403 302 403 403
neighbourhoods:neighbourhood             GET  302 200 200 200 200 200 200 200 200 200 200
neighbourhoods:neighbourhood             POST 405 405 405 405 405 405 405 405 405 405 405
neighbourhoods:neighbourhoods            GET  302 200 200 200 200 200 200 200 200 200 200
neighbourhoods:neighbourhoods            POST 405 405 405 405 405 405 405 405 405 405 405
neighbourhoods:room                      GET  302 200 404 403 403 403 403 403 200 403 403
neighbourhoods:room                      POST 302 200 404 403 403 403 403 403 200 403 403
neighbourhoods:room_add                  GET  302 200 404 403 403 403 403 403 200 403 403
neighbourhoods:room_add                  POST 302 200 404 403 403 403 403 403 200 403 403
neighbourhoods:venue                     GET  302 200 200 200 200 200 200 200 200 200 200
neighbourhoods:venue                     POST 405 405 405 405 405 405 405 405 405 405 405
neighbourhoods:venue_add                 GET  302 200 200 403 403 403 403 403 200 403 403
neighbourhoods:venue_add                 POST 302 200 200 403 403 403 403 403 200 403 403
neighbourhoods:venue_close               GET  302 200 404 403 403 403 403 403 200 403 403
neighbourhoods:venue_close               POST 302 200 404 403 403 403 403 403 200 403 403
neighbourhoods:venue_edit                GET  302 200 404 403 403 403 403 403 200 403 403
neighbourhoods:venue_edit                POST 302 200 404 403 403 403 403 403 200 403 403
neighbourhoods:venue_hours               GET  302 200 404 403 403 403 403 403 200 403 403
neighbourhoods:venue_hours               POST 302 302 404 403 403 403 403 403 302 403 403
neighbourhoods:venues                    GET  302 200 200 200 200 200 200 200 200 200 200
neighbourhoods:venues                    POST 405 405 405 405 405 405 405 405 405 405 405
notifications:attachment                 GET  200 200 200 200 200 200 200 200 200 200 200
notifications:attachment                 POST 405 405 405 405 405 405 405 405 405 405 405
notifications:mail                       GET  200 200 200 200 200 200 200 200 200 200 200
notifications:mail                       POST 405 405 405 405 405 405 405 405 405 405 405
notifications:mailbox                    GET  200 200 200 200 200 200 200 200 200 200 200
notifications:mailbox                    POST 405 405 405 405 405 405 405 405 405 405 405
provisions:add                           GET  302 200 200 200 200 403 403 403 200 403 403
provisions:add                           POST 302 200 200 200 200 403 403 403 200 403 403
provisions:close                         GET  302 200 404 200 404 403 403 403 200 403 403
provisions:close                         POST 302 302 404 302 404 403 403 403 302 403 403
provisions:detail                        GET  302 200 200 200 200 200 200 403 200 403 403
provisions:detail                        POST 405 405 405 405 405 405 405 405 405 405 405
provisions:edit                          GET  302 200 404 200 404 403 403 403 200 403 403
provisions:edit                          POST 302 200 404 200 404 403 403 403 200 403 403
provisions:list                          GET  302 200 200 200 200 200 200 403 200 403 403
provisions:list                          POST 405 405 405 405 405 405 405 405 405 405 405
provisions:withdraw                      GET  302 200 404 200 404 403 403 403 200 403 403
provisions:withdraw                      POST 302 302 404 302 404 403 403 403 302 403 403
reporting:digest                         GET  302 403 403 200 200 403 403 403 403 403 403
reporting:digest                         POST 302 403 403 405 405 403 403 403 403 403 403
reporting:digest_stop                    GET  200 200 200 200 200 200 200 200 200 200 200
reporting:digest_stop                    POST 200 200 200 200 200 200 200 200 200 200 200
reporting:message                        GET  302 403 403 403 403 403 403 403 200 403 403
reporting:message                        POST 302 403 403 403 403 403 403 403 200 403 403
reporting:message_reset                  GET  302 403 403 403 403 403 403 403 200 403 403
reporting:message_reset                  POST 302 403 403 403 403 403 403 403 302 403 403
reporting:messages                       GET  302 403 403 403 403 403 403 403 200 403 403
reporting:messages                       POST 405 405 405 405 405 405 405 405 405 405 405
reporting:minimum                        GET  302 403 403 403 403 403 403 403 200 403 403
reporting:minimum                        POST 302 403 403 403 403 403 403 403 200 403 403
reporting:minimum_choose                 GET  302 403 403 403 403 403 403 403 200 403 403
reporting:minimum_choose                 POST 302 403 403 403 403 403 403 403 200 403 403
reporting:my_messages                    GET  302 200 200 200 200 200 200 200 200 200 200
reporting:my_messages                    POST 302 302 302 302 302 302 302 302 302 302 302
reporting:offer                          GET  302 403 403 403 403 403 403 403 200 403 403
reporting:offer                          POST 302 403 403 403 403 403 403 403 200 403 403
reporting:overview                       GET  302 403 403 403 403 403 403 403 200 403 403
reporting:overview                       POST 405 405 405 405 405 405 405 405 405 405 405
reporting:today                          GET  302 200 200 200 200 200 200 200 200 200 200
reporting:today                          POST 405 405 405 405 405 405 405 405 405 405 405
set_language                             GET  302 302 302 302 302 302 302 302 302 302 302
set_language                             POST 302 302 302 302 302 302 302 302 302 302 302
"""


def parse(table):
    rows = {}
    for line in table.strip().splitlines()[1:]:
        name, method, *statuses = line.split()
        rows[name, method] = dict(zip(ROLES, map(int, statuses), strict=True))
    return rows


def all_names(patterns, namespace=""):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from all_names(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name}"


EXPECTED = parse(TABLE)
NAMES = sorted(set(all_names(get_resolver().url_patterns)))


def test_every_address_stands_in_the_table_for_both_methods():
    assert sorted(EXPECTED) == sorted((name, method) for name in NAMES for method in ("GET", "POST"))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(timezone.now())
        transaction.set_rollback(True)


def make_world(now):
    here = make_door()
    far = make_neighbourhood("Bakkum", make_municipality("Castricum", "GM0383"))
    people = make_people(here, far)
    given, family, email, phone = TOKENS
    contact = {"given_name": given, "family_name": family, "email": email, "phone": phone}
    referral = make_referral(by=people.tess, neighbourhood=here, now=now, person=contact)
    waiting = make_referral(by=people.tess, neighbourhood=here, now=now, person=contact | {"birth_date": None})
    noted = make_referral(by=people.tess, neighbourhood=here, now=now, person=contact | {"birth_date": BORN_LATER})
    ask_on = {"follow_up_on": now.date() + dt.timedelta(days=7)}
    make_judgement(noted, by=people.sanne, now=now, decision=Decision.NO_OFFER, reason="Niets past", **ask_on)
    waitlist = make_waitlist(neighbourhood=here)
    make_judgement(referral, by=people.sanne, offer=waitlist.offer, now=now)
    for _ in range(2):
        make_entry(waitlist, now=now, by=people.sanne)
    room = make_room(neighbourhood=here, now=now)
    sweep(now)
    cycle = Cycle.objects.get()
    held = make_entry(waitlist, client=waiting.client, now=now, by=people.sanne)
    hold_entry(entry=held, reason="Eerst de huur", by=people.sanne, now=now)
    other = waitlist.entries.exclude(client=referral.client).exclude(pk=held.pk).order_by("pk").first().client
    first, second = sorted([referral.client, other], key=lambda client: client.pk)
    Exclusion.objects.create(client=first, other=second, recorded_by=people.sanne, recorded_at=now)
    Likeness.objects.create(client=first, other=second, found_at=now)
    purpose = ConsentPurpose.FEEDBACK_TO_REFERRER
    record_consent(client=referral.client, purpose=purpose, how="gesproken", by=people.tess, today=now.date())
    days = dt.timedelta(days=1)
    starts_at = now.replace(hour=12, minute=0) + 60 * days
    leave = record_leave(user=people.wil, starts_at=starts_at, ends_at=starts_at + days, by=people.wil)
    period = {"starts_at": now + 90 * days, "ends_at": now + 91 * days}
    closure = book_room(room=room, kind=RoomBookingKind.CLOSURE, **period)
    slot = make_slot(people.sanne, municipality=here.municipality, now=now)
    intake = make_appointment(waiting, slot=slot, now=now)
    day_off = cancel_occurrence(slot=slot, date=intake.date + 7 * days, reason="Vrij", by=people.sanne, now=now)
    with override_settings(EMAIL_BACKEND="notifications.mailbox.MailboxBackend"):
        send_notifications(now=now)
    draft = keep_draft(submission_key=uuid4(), version=0, values={"aim": ["Rust"]}, by=people.tess, now=now)
    participation = cycle.participations.get(client=referral.client)
    session = cycle.sessions.order_by("number").first()
    assert WorkerBooking.objects.filter(kind=BookingKind.SESSION, user=people.wil).count() == 5
    return SimpleNamespace(
        people=people,
        client=referral.client,
        arguments=arguments_of(
            referral, waiting, waitlist, held, cycle, session, participation, leave, closure, room, other
        )
        | arguments_of_intake(waiting, noted, waitlist, draft)
        | arguments_of_desk(waiting, slot, intake, day_off)
        | arguments_of_play(waitlist, session, people.tom, now),
    )


def make_people(here, far):
    tess = make_worker("Tess", catchment=here.catchment)
    tom = make_team_member("Tom")
    people = SimpleNamespace(
        anonymous=None,
        wil=make_worker("Wil", lead=True, municipality=here.municipality),
        bo=make_group_worker("Bo", municipalities=[far.municipality]),
        tess=tess,
        tom=tom,
        sanne=make_social_worker("Sanne", municipalities=[here.municipality]),
        sjaak=make_social_worker("Sjaak", municipalities=[far.municipality]),
        loes=make_desk("Loes"),
        coba=make_coordinator("Coba"),
        ada=make_administrator("Ada"),
        rein=make_referrer("Rein"),
    )
    for user in filter(None, vars(people).values()):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return people


def arguments_of_intake(waiting, noted, waitlist, draft):
    steps = ("open_question", "open_question_answer", "open_question_not_this", "open_question_review")
    question = {f"intake:{name}": {"pk": noted.open_question.pk} for name in (*steps, "open_question_withdraw")}
    drafts = {f"intake:{name}": {"pk": waiting.pk} for name in ("draft_save", "draft_discard")}
    drafts["intake:refer_discard"] = {"pk": draft.pk}
    return {**question, **drafts, "intake:open_for_list": {"pk": waitlist.pk}}


def arguments_of(referral, waiting, waitlist, held, cycle, session, participation, leave, closure, room, other):
    file = {"public_id": referral.client.public_id}
    a_waitlist, a_cycle, a_session = ({"pk": thing.pk} for thing in (waitlist, cycle, session))
    an_entry, a_place, a_venue = {"pk": held.pk}, {"pk": participation.pk}, {"pk": room.venue_id}
    Client.objects.filter(pk=referral.client.pk).update(street="Voorbeeldstraat 1", town="Beverwijk")
    post = {"kind": "confirmed", "text": "Hallo", "made_at": held.joined_at, "dedupe_key": "toegang"}
    letter = Letter.objects.create(client=referral.client, **post)
    with_attachment = next(mail.name for mail in list_mails() if mail.attachments)
    pair = {"pk": Likeness.objects.get(client=min(client.pk for client in (referral.client, other))).pk}
    arguments = {
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        "clients:letter": {"pk": letter.pk},
        "clients:consent_withdraw": file | {"purpose": "feedback_to_referrer"},
        "clients:likeness": pair,
        "clients:exclusion_remove": file | {"other_id": other.public_id},
        "groups:answer": {"token": answer_token(participation)},
        "groups:mark": {"token": mark_token(participation)},
        "groups:area_mode": {"pk": waitlist.catchment_id},
        "groups:day_hours_remove": {"day": "2030-01-15"},
        "groups:leave_remove": {"pk": leave.pk},
        "groups:offer": {"slug": waitlist.offer.slug},
        "groups:offer_texts": {"slug": waitlist.offer.slug},
        "reporting:digest_stop": {"token": stop_token(referral.referred_by)},
        "groups:person_history": file,
        "intake:judge": {"pk": waiting.pk},
        "intake:merge": pair,
        "intake:referral": {"pk": referral.pk},
        "intake:referral_note": {"pk": referral.pk},
        "neighbourhoods:closure_remove": {"pk": closure.pk},
        "neighbourhoods:neighbourhood": {"code": referral.neighbourhood.pk},
        "neighbourhoods:room": {"pk": room.pk},
        "notifications:attachment": {"name": with_attachment, "number": 1},
        "notifications:mail": {"name": with_attachment},
        "reporting:message": {"code": "invitation"},
        "reporting:message_reset": {"code": "invitation"},
        "reporting:minimum": a_waitlist,
        "reporting:offer": {"slug": waitlist.offer.slug},
    }
    arguments |= {f"clients:{name}": file for name in CLIENT_PAGES}
    about, due_on = FollowUpAbout.NO_SHOW, timezone.localdate()
    followed = plan_follow_up(client=referral.client, about=about, due_on=due_on, by=None, now=timezone.now())
    arguments["clients:follow_up"] = {"pk": followed.pk}
    beside = make_neighbourhood("Zijwijk", referral.neighbourhood.municipality)
    joined = make_neighbourhood("Hofwijk", referral.neighbourhood.municipality).catchment
    join_areas(catchment=joined, into=waitlist.catchment, reason="Samen", by=held.judged_by, now=held.joined_at)
    arguments |= {
        "groups:area_join": a_waitlist | {"into": beside.catchment_id},
        "groups:area_split": a_waitlist | {"area": joined.pk},
    }
    arguments |= {f"groups:{name}": a_waitlist for name in ("wider", "list_widen")}
    pages = ("waitlist", "waitlist_history", "waitlist_mode", "waitlist_start", "cycle_form")
    arguments |= {f"groups:{name}": a_waitlist for name in pages}
    steps = ("entry_talk", "entry_hold", "entry_release", "entry_priority", "entry_leave")
    arguments |= {f"groups:{name}": an_entry for name in steps}
    steps = ("cycle", "cycle_history", "cycle_substitute", "cycle_decide", "cycle_cancel", "after_five", "cycle_marks")
    arguments |= {f"groups:{name}": a_cycle for name in steps}
    steps = ("session", "session_move", "session_cancel", "session_room")
    arguments |= {f"groups:{name}": a_session for name in steps}
    arguments |= calendar_arguments(cycle, session, participation)
    arguments |= {f"groups:{name}": a_place for name in ("participation_answer", "participation_talk")}
    arguments |= provision_arguments(referral.neighbourhood)
    steps = ("venue", "venue_edit", "venue_hours", "venue_close", "room_add")
    return arguments | {f"neighbourhoods:{name}": a_venue for name in steps}


def arguments_of_play(waitlist, session, tom, now):
    """A playbook with one part, a course day on which Tom has a place, and a competence."""
    part, course = make_part(waitlist.offer), make_course()
    day = make_day(course, today=timezone.localdate(now), days=30)
    place = enrol(day=day, user=tom, by=tom, now=now)
    offer, a_day = {"slug": waitlist.offer.slug}, {"pk": day.pk}
    arguments = {f"groups:{name}": offer for name in ("playbook", "part_add")}
    parts = ("part_edit", "part_shift", "part_retire", "part_restore")
    arguments |= {f"groups:{name}": {"pk": part.pk} for name in parts}
    arguments |= {f"groups:{name}": {"pk": session.pk} for name in ("session_plan", "session_plan_pdf")}
    arguments |= {f"groups:{name}": {"pk": course.pk} for name in ("course", "course_edit", "course_day_add")}
    days = ("course_day", "course_day_edit", "course_day_cancel", "course_day_enrol", "course_enrol", "course_leave")
    arguments |= {f"groups:{name}": a_day for name in days}
    competence = tom.competences.create(kind="co_lead", granted_on=timezone.localdate(now))
    arguments["groups:competence_end"] = {"pk": competence.pk}
    return arguments | {"groups:course_place_remove": {"pk": place.pk}}


def calendar_arguments(cycle, session, participation):
    """A talk of two months from now, and the address of its leader's calendar."""
    day, clock = timezone.localdate() + dt.timedelta(days=58), dt.time(10)
    period = (local_moment(day, clock), local_moment(day, dt.time(11)))
    booking = WorkerBooking.objects.create(user=cycle.lead, kind=BookingKind.TALK, period=period)
    at = {"date": day, "start_time": clock, "end_time": dt.time(11), "booking": booking, "with_user": cycle.lead}
    talk = IndividualTalk.objects.create(participation=participation, number=1, **at)
    arguments = {f"groups:{name}": {"pk": talk.pk} for name in ("talk_move", "talk_cancel", "talk_held")}
    arguments |= {f"groups:{name}": {"pk": cycle.pk} for name in ("talks", "session_add")}
    arguments |= {"groups:talk_plan": {"pk": participation.pk}, "groups:session_rest": {"pk": session.pk}}
    token = make_feed(user=cycle.lead, by=cycle.lead, now=timezone.now())
    return arguments | {"groups:feed": {"token": token}}


def provision_arguments(neighbourhood):
    agreed = {"receives": "Twee mensen", "agreed_on": timezone.localdate(), "agreed_with": "de beheerder"}
    fields = {"municipality": neighbourhood.municipality, "neighbourhood": neighbourhood, "kind": "garden"}
    provision = add_provision(name="Tuin Nergens", **fields, **agreed, by=None, now=timezone.now())
    return {f"provisions:{name}": {"pk": provision.pk} for name in ("detail", "edit", "withdraw", "close")}


def arguments_of_desk(referral, slot, intake, day_off):
    free = {"pk": slot.pk, "day": (intake.date + dt.timedelta(weeks=2)).isoformat()}
    arguments = {"intake:desk_book": {"pk": referral.pk}, "intake:desk_place": free}
    arguments["intake:slot_restore"] = {"pk": day_off.pk}
    steps = ("desk_appointment", "desk_move", "desk_cancel", "desk_outcome", "desk_told")
    arguments |= {f"intake:{name}": {"pk": intake.pk} for name in steps}
    return arguments | {f"intake:{name}": {"pk": slot.pk} for name in ("slot_change", "slot_skip", "slot_stop")}


def ask(world, name, method, role):
    """The answer to one request, and everything it wrote undone."""
    browser = Browser(raise_request_exception=True)
    user = getattr(world.people, role)
    with transaction.atomic():
        if user is not None:
            browser.force_login(user)
        response = getattr(browser, method.lower())(reverse(name, kwargs=world.arguments.get(name)))
        body = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    return response, body.decode(errors="replace")


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "method"), sorted(EXPECTED))
def test_who_gets_in(world, name, method):
    found = {role: ask(world, name, method, role)[0].status_code for role in ROLES}
    assert found == EXPECTED[name, method]


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_an_outsider_never_reads_a_token_of_the_client(world, name):
    """S2 in small: names, address and number of the client are in no body and no header for who need not know."""
    for role in sorted(OUTSIDERS):
        if name.startswith("notifications:"):
            continue  # the development mailbox shows mails to whoever tries Socius, and is not there in production
        for method in ("GET", "POST"):
            response, body = ask(world, name, method, role)
            seen = body + str(response.headers)
            assert [token for token in TOKENS if token.casefold() in seen.casefold()] == [], (role, method)


@pytest.mark.django_db
def test_the_same_address_shows_the_client_to_who_may_know(world):
    """Or the test above would pass on empty pages."""
    for role, name in (("wil", "groups:cycle"), ("tess", "intake:referrals"), ("sanne", "clients:file")):
        _response, body = ask(world, name, "GET", role)
        assert world.client.short_name in body or TOKENS[1] in body


@pytest.mark.django_db
def test_mailbox_is_gone_without_the_development_mailbox(world, settings):
    settings.MAILBOX_DIR = None
    for role in ROLES:
        for name in ("notifications:mailbox", "notifications:mail"):
            assert ask(world, name, "GET", role)[0].status_code == 404
