"""R40, S2: the coordinator words the messages, and no wording can make one unsafe."""

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from groups.enums import Seat
from groups.messages import INVITATION, SESSION_CHANGED
from groups.messages import KINDS as GROUP_KINDS
from groups.models import ProblemKind
from groups.services.cycles import cancel_cycle, move_cycle
from groups.services.scheduling import cancel_session, change_room, move_session
from groups.services.substitution import substitute_leader
from neighbourhoods.models import Venue
from notifications.models import MessageText, Notification
from notifications.services import TextChanged, notify, reset_text, send_notifications, set_text
from notifications.texts import NEWS, Audience, fill, render
from notifications.validation import check_message, telling_words
from reporting.messages import KINDS as BY_CODE
from tests.factories.accounts import make_coordinator, make_group_worker
from tests.factories.groups import NOW, make_entry, make_offer, make_team_and_room, make_waitlist, make_worker, sweep
from tests.factories.neighbourhoods import make_room

pytestmark = pytest.mark.django_db

KINDS = tuple(BY_CODE.values())
EDITABLE = [kind for kind in KINDS if not kind.is_fixed]
CANARY = {"given_name": "Kanarina", "family_name": "Zangvogel"}


def of(kind):
    return kind.code


@pytest.fixture
def coba():
    return make_coordinator()


def own(kind, *, by, body=None, subject="Nieuws van Socius", seen=0, telling=()):
    return set_text(kind=kind, subject=subject, body=body or kind.body, seen=seen, by=by, now=NOW, telling=telling)


def words_with_all(kind):
    """A text of one's own in which every placeholder stands."""
    return "Eigen woorden\n" + "\n".join(placeholder.in_text for placeholder in kind.placeholders)


def errors_of(kind, *, subject="Een bericht", body=None, telling=()):
    with pytest.raises(ValidationError) as refused:
        check_message(kind, subject=subject, body=kind.body if body is None else body, telling=telling)
    return refused.value.message_dict


# --- what a text may hold


@pytest.mark.parametrize("kind", KINDS, ids=of)
def test_every_default_text_keeps_the_rules_that_own_words_must_keep(kind):
    assert check_message(kind, subject=kind.subject, body=kind.body) == (kind.subject, kind.body)
    assert "{" not in "".join(render(kind, kind.examples))


@pytest.mark.parametrize("kind", EDITABLE, ids=of)
@pytest.mark.parametrize(
    "attempt",
    [
        *(
            "{naam}",
            "{client}",
            "{client.full_name}",
            "{0}",
            "{}",
            "{wanneer!r}",
            "{wanneer:>9}",
            "{{wanneer}}",
            "{WANNEER}",
        ),
        *("{", "}", "{when", "%(when)s {", "{__class__}", "{link.__globals__}"),
    ],
)
def test_only_the_placeholders_of_the_kind_are_taken(kind, attempt):
    assert list(errors_of(kind, body=f"{kind.body}\n{attempt}")) == ["body"]


@pytest.mark.parametrize(
    ("kind", "placeholder"),
    [(kind, placeholder) for kind in EDITABLE for placeholder in kind.placeholders],
    ids=lambda value: getattr(value, "code", getattr(value, "name", None)),
)
def test_what_the_reader_needs_cannot_be_left_out_nor_stand_in_the_subject(kind, placeholder):
    without = kind.body.replace(placeholder.in_text, "")
    if placeholder.is_required:
        assert placeholder.in_text in errors_of(kind, body=without)["body"][0]
    else:
        assert check_message(kind, subject="Bericht", body=without)
    assert list(errors_of(kind, subject=f"Bericht {placeholder.in_text}")) == ["subject"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("body", "nul \x00"),
        ("subject", "nul \x00"),
        ("body", ""),
        ("subject", "  "),
        ("body", "a" * 3001),
        ("subject", "a" * 101),
        ("subject", "een\nBcc: boef@voorbeeld.example"),
        ("subject", "een\r\ntwee"),
        ("body", "Kijk op https://socius.example/"),
        ("body", "Kijk op www.socius.example"),
        ("body", "Kijk op boef.nl"),
        ("body", "Mail groepen@socius.example"),
        ("body", "javascript:alert(1)"),
        ("subject", "boef.nl"),
        ("subject", "Hulp bij geweld"),
        ("subject", "Uw schulden"),
        ("body", "Voor slachtoffers van huiselijk geweld."),
        ("body", "Uw ge\u200bweld"),
        ("body", "Uw GEWÉLD"),
        ("subject", "Rouwgroep"),
    ],
)
def test_what_can_harm_is_refused_at_its_field(field, text):
    body = text if field == "subject" or not text else f"{INVITATION.body}\n{text}"
    found = errors_of(INVITATION, **({"subject": text} if field == "subject" else {"body": body}))
    assert list(found) == [field]


def test_names_of_offers_and_problems_are_refused_for_clients_and_not_for_colleagues():
    names = ["Veilig en krachtig", "Van klacht naar kracht"]
    found = errors_of(INVITATION, body=f"{INVITATION.body}\nUw groep: veilig  en   KRACHTIG", telling=names)
    assert "Veilig en krachtig" in found["body"][0]
    staff = next(kind for kind in EDITABLE if kind.audience == Audience.STAFF)
    body = f"{staff.body}\nVan klacht naar kracht"
    assert check_message(staff, subject="Bericht", body=body, telling=names)[1] == body


@pytest.mark.parametrize(
    "text", ["U hebt mijn vertrouwen, mevrouw.", "Bel 0251 123 456, ook op vrijdag.", "Neem iets mee."]
)
def test_ordinary_words_are_taken(text):
    assert telling_words(text) == []
    assert check_message(INVITATION, subject="Bericht", body=f"{INVITATION.body}\n{text}")


def test_a_value_is_never_read_as_a_text():
    assert fill("{place} {when}", {"place": "{when} {link}", "when": "morgen"}) == "{when} {link} morgen"


# --- keeping own words


def test_own_words_hold_also_for_mail_that_waits(coba, mailoutbox):
    notify(text=SESSION_CHANGED, values=SESSION_CHANGED.examples, to="a@voorbeeld.example", now=NOW)
    own(SESSION_CHANGED, by=coba, body="Let op: {wanneer}.\n{plek}")
    send_notifications(now=NOW)
    [sent] = mailoutbox
    row = Notification.objects.get()
    assert (sent.subject, sent.body.split("\n")[0]) == (
        "Nieuws van Socius",
        "Let op: maandag 18 januari om 19:30 uur.",
    )
    assert (row.subject, row.body, row.values) == (sent.subject, sent.body, {})


def test_back_to_the_default_holds_and_the_history_stays(coba, mailoutbox):
    own(SESSION_CHANGED, by=coba)
    reset_text(kind=SESSION_CHANGED, seen=1, by=coba, now=NOW)
    notify(text=SESSION_CHANGED, values=SESSION_CHANGED.examples, to="a@voorbeeld.example", now=NOW)
    send_notifications(now=NOW)
    assert mailoutbox[0].subject == SESSION_CHANGED.subject
    assert [row.is_default for row in MessageText.objects.history_of(SESSION_CHANGED.code)] == [True, False]


def test_two_who_change_the_same_text_hear_of_each_other(coba):
    own(SESSION_CHANGED, by=coba)
    with pytest.raises(TextChanged):
        own(SESSION_CHANGED, by=make_coordinator("Cor"), subject="Anders")
    assert MessageText.objects.get().subject == "Nieuws van Socius"


def test_only_the_coordinator_words_and_nobody_what_is_fixed(coba):
    with pytest.raises(PermissionDenied):
        own(SESSION_CHANGED, by=make_group_worker())
    with pytest.raises(PermissionDenied):
        own(NEWS, by=coba)


def test_the_database_keeps_one_row_a_number_and_a_plain_subject(coba):
    row = {"kind": "x", "number": 1, "body": "tekst", "changed_by": coba, "changed_at": NOW}
    MessageText.objects.create(subject="een", **row)
    for bad in ({"subject": "twee"}, {"subject": "{wanneer}", "number": 2}, {"subject": "", "number": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MessageText.objects.create(**(row | bad))


def test_words_that_ask_for_what_is_not_there_give_way_to_the_default(coba, mailoutbox):
    MessageText.objects.create(
        kind=SESSION_CHANGED.code, number=1, subject="Oud", body="{weg}", changed_by=coba, changed_at=NOW
    )
    notify(text=SESSION_CHANGED, values=SESSION_CHANGED.examples, to="a@voorbeeld.example", now=NOW)
    assert send_notifications(now=NOW) == 1
    assert "maandag 18 januari" in mailoutbox[0].body


def test_words_are_read_once_for_a_batch_and_not_when_nothing_is_due(coba):
    own(SESSION_CHANGED, by=coba)
    with CaptureQueriesContext(connection) as queries:
        send_notifications(now=NOW)
    assert not [query for query in queries if "messagetext" in query["sql"]]
    for number in range(3):
        notify(text=SESSION_CHANGED, values=SESSION_CHANGED.examples, to=f"a{number}@voorbeeld.example", now=NOW)
    with CaptureQueriesContext(connection) as queries:
        assert send_notifications(now=NOW) == 3
    assert len([query for query in queries if "messagetext" in query["sql"]]) == 1


# --- S2: whatever is typed, no mail holds who, where or why


@pytest.fixture
def everything_said(coba):
    """Every kind in own words that ask for all they may, and all that can happen to a group, with unlike clients."""
    for kind in set(GROUP_KINDS) & set(EDITABLE):
        own(kind, by=coba, body=words_with_all(kind))
    offer = make_offer(name="Veilig en krachtig", is_sensitive=True, place_is_hidden=True)
    offer.problem_kinds.add(ProblemKind.objects.create(code="partnergeweld", name_nl="Partnergeweld", name_en="Abuse"))
    waitlist = make_waitlist(offer)
    make_team_and_room(waitlist)
    neighbourhood = waitlist.catchment.neighbourhoods.get()
    hall = make_room(name_of_venue="Geheime plek", neighbourhood=neighbourhood, now=NOW)
    Venue.objects.update(is_hidden=True)
    for contact in ({}, {"is_sensitive": True}, {"instructions": "Bel de buurvrouw"}, {"may_mail": False}):
        make_entry(waitlist, contact=contact, **CANARY)
    sweep()
    cycle = offer.waitlists.get().cycles.get()
    first, second = cycle.sessions.order_by("number")[:2]
    move_session(session=first, date=first.date + dt.timedelta(days=1), start_time=dt.time(13), by=coba, now=NOW)
    change_room(session=second, room=hall, by=coba, now=NOW)
    cancel_session(session=second, reason="ziek", append=True, by=coba, now=NOW)
    move_cycle(cycle=cycle, weeks=1, by=coba, now=NOW)
    joris = make_worker("Joris", lead=True, municipality=waitlist.catchment.municipality)
    substitute_leader(cycle=cycle, seat=Seat.LEAD, user=joris, by=cycle.lead, now=NOW)
    cancel_cycle(cycle=cycle, reason="te weinig", by=coba, now=NOW)
    send_notifications(now=NOW, limit=500)
    return cycle


def test_no_mail_holds_name_address_problem_offer_or_hidden_place(everything_said):
    rooms = [session.room for session in everything_said.sessions.select_related("room__venue")]
    secret = ["Kanarina", "Zangvogel", "1943", "0612345678", "Veilig en krachtig", "artnergeweld", "buurvrouw"]
    secret += [text for room in rooms for text in (room.name, room.venue.name, room.venue.address) if text]
    kinds = {row.kind for row in Notification.objects.all()}
    assert kinds == {
        *("invitation", "session_changed", "session_cancelled", "cycle_moved"),
        *("leader_changed", "substitute", "cycle_cancelled"),
    }
    for message in mail.outbox:
        said = f"{message.subject}\n{message.body}\n{message.attachments}"
        assert [word for word in secret if word.casefold() in said.casefold()] == []


def test_who_is_in_danger_reads_no_own_words_and_their_mail_keeps_no_values(everything_said):
    hidden = everything_said.participations.get(client__contact__is_sensitive=True).client
    rows = Notification.objects.filter(recipient_key=hidden.public_id)
    assert rows.count() == 7
    assert {(row.subject, row.body, row.text_code, str(row.values)) for row in rows} == {
        (NEWS.subject, NEWS.body, "", "{}")
    }
