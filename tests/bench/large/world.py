"""A country of waiting people, written by set-based SQL: each buurt a catchment, ten offers, ten lists a person.

With 1,000,000 entries: 100,000 people over 14,574 catchments, six or seven a catchment, so 145,740 lists of six or
seven. The offers' minimum is eight: nothing starts until choose_ready() lowers it to seven for lists of seven.
"""

import hashlib
import io
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import RoleAssignment, User, WeeklyAvailability
from clients.enums import ConsentPurpose
from clients.models import Client, ClientAvailability, Consent, ContactPreference, Exclusion, SealKey
from groups.enums import CompetenceKind, HistoryCode, TalkMoment
from groups.models import Competence, GroupOffer, HistoryEntry, ProblemKind, Waitlist, WaitlistEntry
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import (
    Catchment,
    Municipality,
    Neighbourhood,
    OpeningHours,
    Room,
    SocialTeam,
    TeamMembership,
    Venue,
    WorkArea,
)
from neighbourhoods.netherlands import read_buurten
from tests.bench.large.bulk import without_checks
from tests.bench.large.sql import insert, literal, run, value

OFFERS = 10
PEOPLE = 7
MINIMUM = 8
KINDS = 5
MUNICIPALITIES = 342
ROOMS = 4
DAYS = "generate_series(0, 4) AS day"
TOMORROW = (
    "(date_trunc('day', now() AT TIME ZONE 'Europe/Amsterdam') + interval '30 hours') AT TIME ZONE 'Europe/Amsterdam'"
)
# The country's municipalities and venues, not those of the small towns measured beside it.
TOWNS = "(SELECT * FROM neighbourhoods_municipality WHERE code LIKE 'GM%') AS"
VENUES = "(SELECT * FROM neighbourhoods_venue WHERE municipality_id LIKE 'GM%') AS"
# A table of the bench's own, in its scratch database: the buurten in an order that mixes the municipalities.
BUURTEN = "bench_buurt"
FILLED = (Client, Consent, ContactPreference, ClientAvailability, Waitlist, WaitlistEntry, HistoryEntry)


@dataclass
class Country:
    """How much of it is there."""

    catchments: int = 0
    clients: int = 0


def lay_ground(*, ready):
    """Municipalities, offers, and in each municipality leaders, a team and rooms for its share of `ready` starts."""
    _copy_buurten()
    run(
        insert(Municipality, code="gm", name="min(gm_name)", inhabitants="sum(inhabitants)")
        + f"FROM {BUURTEN} GROUP BY gm"
    )
    _make_offers()
    _make_staff(leaders_for(ready))
    _make_rooms()


def leaders_for(ready):
    """Leaders a municipality needs for its share at three cycles each (the default cap), and a quarter more."""
    share = -(-ready // MUNICIPALITIES) + 1
    return max(ROOMS + 1, -(-share * 5 // 12))


def _copy_buurten():
    buurten = sorted(read_buurten(), key=lambda buurt: hashlib.md5(buurt.code.encode()).hexdigest())
    run(
        f"CREATE TABLE {BUURTEN} "
        "(number int PRIMARY KEY, code text, name text, gm text, gm_name text, inhabitants int)"
    )
    lines = (
        (number, b.code, b.name, b.municipality, b.municipality_name, b.inhabitants)
        for number, b in enumerate(buurten)
    )
    with connection.cursor() as cursor:
        text = "".join("\t".join(str(part) for part in line) + "\n" for line in lines)
        cursor.copy_expert(f"COPY {BUURTEN} FROM STDIN", io.StringIO(text))


def _make_offers():
    ProblemKind.objects.bulk_create(
        ProblemKind(code=f"bench-{number}", name_nl=f"Vraag {number}", name_en=f"Question {number}")
        for number in range(KINDS)
    )
    GroupOffer.objects.bulk_create(
        GroupOffer(
            slug=f"land-{number}",
            name=f"Aanbod {number}",
            level=CatchmentLevel.NEIGHBOURHOOD,
            may_run_in_neighbourhood=True,
            sessions_count=5,
            session_minutes=120,
            minimum=MINIMUM,
            soft_maximum=10,
            hard_maximum=12,
            talk_moment=TalkMoment.BEFORE_FIRST_SESSION,
        )
        for number in range(OFFERS)
    )


def _make_staff(leaders):
    """In each municipality as many leaders as members of its team, free on weekdays from 9 to 22, default caps."""
    each = (
        f"FROM {TOWNS} m CROSS JOIN generate_series(1, {leaders}) AS n "
        "CROSS JOIN unnest(ARRAY['lead', 'co_lead']) AS k"
    )
    person = "{} || '-' || lower(m.code) || '-' || n || '@voorbeeld.example'"
    email = person.format("k")
    run(insert(User, email=email, first_name="initcap(k)", last_name="m.code || ' ' || n", password="'!'") + each)
    known = each + f" JOIN LATERAL (SELECT id FROM accounts_user u WHERE u.email = {email}) AS u ON true"
    role = f"CASE k WHEN 'lead' THEN '{RoleName.GROUP_WORKER}' ELSE '{RoleName.TEAM_MEMBER}' END"
    run(insert(RoleAssignment, user_id="u.id", role=role) + known)
    run(insert(Competence, user_id="u.id", kind="k", granted_on="date '2020-01-01'") + known)
    hours = {"starts_at": "time '09:00'", "ends_at": "time '22:00'"}
    run(insert(WeeklyAvailability, user_id="u.id", weekday="day", **hours) + f"{known}, {DAYS}")
    run(insert(WorkArea, user_id="u.id", municipality_id="m.code") + f"{known} WHERE k = '{CompetenceKind.LEAD}'")
    team = {"code": "'land-' || lower(m.code)", "name": "'Team ' || m.name", "municipality_id": "m.code"}
    run(insert(SocialTeam, **team) + f"FROM {TOWNS} m")
    members = " JOIN neighbourhoods_socialteam t ON t.municipality_id = m.code WHERE k = 'co_lead'"
    run(insert(TeamMembership, user_id="u.id", team_id="t.id") + known + members)


def _make_rooms():
    run(
        insert(Venue, name="'Huis ' || n", municipality_id="m.code", changed_at="now() - interval '90 days'")
        + f"FROM {TOWNS} m, generate_series(1, 2) AS n"
    )
    run(
        insert(Room, venue_id="v.id", name="'Zaal ' || n", capacity="20")
        + f"FROM {VENUES} v, generate_series(1, 2) AS n"
    )
    hours = {"opens_at": "time '09:00'", "closes_at": "time '22:00'"}
    run(insert(OpeningHours, venue_id="v.id", weekday="day", **hours) + f"FROM {VENUES} v, {DAYS}")


def grow(country, *, entries, of):
    """Let the country grow to that many waiting entries; `of` is how many fill all its catchments."""
    clients, full = entries // OFFERS, of // OFFERS
    total = value(f"SELECT count(*) FROM {BUURTEN}")
    number = f"(c::bigint * {total} / {full})"
    catchments = -(-clients * total // full) if clients < full else total
    part = f"b.number >= {country.catchments} AND b.number < {catchments}"
    last = value("SELECT coalesce(max(id), 0) FROM clients_client")
    _grow_places(part)
    with without_checks(*FILLED):
        _grow_people(country, clients, number, last, part)
    country.catchments, country.clients = catchments, clients
    run("ANALYZE")


def _grow_people(country, clients, number, last, part):
    _grow_clients(f"generate_series({country.clients}, {clients - 1}) AS c", number)
    run("ANALYZE clients_client")
    _grow_files(last)
    _grow_lists(
        part, f"SELECT {number} AS number, count(*) AS people FROM generate_series(0, {clients - 1}) AS c GROUP BY 1"
    )
    run("ANALYZE groups_waitlist")
    _grow_entries(last)


def _grow_places(part):
    catchment = {"code": "lower(b.code)", "name": "b.name", "municipality_id": "b.gm"}
    run(insert(Catchment, level=literal(CatchmentLevel.NEIGHBOURHOOD), **catchment) + f"FROM {BUURTEN} b WHERE {part}")
    run(
        insert(
            Neighbourhood,
            code="substr(b.code, 3)",
            name="b.name",
            municipality_id="b.gm",
            catchment_id="k.id",
            inhabitants="b.inhabitants",
        )
        + f"FROM {BUURTEN} b JOIN neighbourhoods_catchment k ON k.code = lower(b.code) WHERE {part}"
    )
    run(
        "INSERT INTO neighbourhoods_socialteam_catchments (socialteam_id, catchment_id) SELECT t.id, k.id "
        f"FROM {BUURTEN} b JOIN neighbourhoods_catchment k ON k.code = lower(b.code) "
        f"JOIN neighbourhoods_socialteam t ON t.municipality_id = b.gm WHERE {part}"
    )


def _grow_clients(series, number):
    long_ago = "now() - interval '90 days'"
    # Keys that open nothing: nobody writes or reads a text here.
    run(insert(SealKey, id="md5('client' || c)::uuid", master="'none'", wrapped=r"'\x00'") + f"FROM {series}")
    run(
        insert(
            Client,
            key_id="md5('client' || c)::uuid",
            public_id="gen_random_uuid()",
            given_name="'Voornaam' || c",
            family_name="'Achternaam' || c",
            sort_key="'achternaam' || c || '  voornaam' || c",
            birth_date="date '1950-01-01' + (c % 18000)::int",
            sex="(ARRAY['female', 'male'])[1 + c % 2]",
            postcode="(1000 + c % 9000)::text",
            neighbourhood_id="substr(b.code, 3)",
            email="'c' || c || '@voorbeeld.example'",
            phone="'0612345678'",
            created_at=long_ago,
            changed_at=long_ago,
        )
        + f"FROM {series} JOIN {BUURTEN} b ON b.number = {number} ORDER BY c"
    )


def _grow_files(last):
    """Consent and contact of everybody; of one in three parts of the week; a few who may not sit together."""
    new = f"FROM clients_client c WHERE c.id > {last}"
    consent = {"purpose": literal(ConsentPurpose.REGISTRATION), "given_on": "current_date - 90", "how": "'gesproken'"}
    run(insert(Consent, client_id="c.id", **consent) + new)
    run(insert(ContactPreference, client_id="c.id") + new)
    parts = f"FROM clients_client c, {DAYS}, unnest(ARRAY['morning', 'afternoon']) AS part"
    run(
        insert(ClientAvailability, client_id="c.id", weekday="day", part="part")
        + f"{parts} WHERE c.id > {last} AND c.id % 3 = 0"
    )
    exclusion = {"client_id": "c.id", "other_id": "c.id + 100", "recorded_at": "now()"}
    run(
        insert(Exclusion, **exclusion)
        + f"{new} AND c.id % 50 = 0 AND EXISTS (SELECT FROM clients_client o WHERE o.id = c.id + 100)"
    )


def _grow_lists(part, people):
    need = f"jsonb_build_object('needed', {MINIMUM} - coalesce(p.people, 0), 'minimum', {MINIMUM})"
    run(
        insert(
            Waitlist,
            offer_id="o.id",
            catchment_id="k.id",
            due_at=f"CASE WHEN p.people > 0 THEN {TOMORROW} END",
            evaluated_at="now() - interval '1 hour'",
            placeable_count="coalesce(p.people, 0)",
            reasons=f"jsonb_build_array(jsonb_build_object('code', 'need_more', 'args', {need}))",
        )
        + f"FROM {BUURTEN} b JOIN neighbourhoods_catchment k ON k.code = lower(b.code) "
        f"LEFT JOIN ({people}) p ON p.number = b.number CROSS JOIN groups_groupoffer o "
        f"WHERE {part} AND o.slug LIKE 'land-%'"
    )


def _grow_entries(last):
    """In an order that mixes lists and people, as years of sign-ups do."""
    judge = value("SELECT min(id) FROM accounts_user")
    mark = value("SELECT coalesce(max(id), 0) FROM groups_waitlistentry")
    days = "(1 + (c.id * 7 + w.id) % 60)::int"
    run(
        insert(
            WaitlistEntry,
            waitlist_id="w.id",
            client_id="c.id",
            waiting_since=f"current_date - {days}",
            joined_at=f"now() - {days} * interval '1 day'",
            judged_at=f"now() - {days} * interval '1 day'",
            judged_by_id=str(judge),
            problem_kind_id=f"'bench-' || c.id % {KINDS}",
        )
        + "FROM clients_client c JOIN neighbourhoods_neighbourhood n ON n.code = c.neighbourhood_id "
        f"JOIN groups_waitlist w ON w.catchment_id = n.catchment_id WHERE c.id > {last} "
        "ORDER BY hashint8(c.id * 31 + w.id)"
    )
    run(
        insert(
            HistoryEntry,
            at="e.joined_at",
            code=literal(HistoryCode.ENTRY_JOINED),
            by_id="e.judged_by_id",
            waitlist_id="e.waitlist_id",
            entry_id="e.id",
        )
        + f"FROM groups_waitlistentry e WHERE e.id > {mark}"
    )


def counts():
    """What the figures stand on."""
    tables = {
        "entries": WaitlistEntry,
        "lists": Waitlist,
        "clients": Client,
        "catchments": Catchment,
        "people who lead": User,
    }
    return {name: value(f"SELECT count(*) FROM {model._meta.db_table}") for name, model in tables.items()}


def today():
    return timezone.localdate()
