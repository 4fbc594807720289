"""(d) Joining a waitlist, and (e) that nothing on the way of one referral reads a large table whole."""

from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from clients.models import Client
from groups.enums import HistoryCode
from groups.models import GroupOffer, HistoryEntry, Waitlist, WaitlistEntry
from groups.services.starting import start_due_waitlists
from groups.services.waitlists import join_waitlist
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment, Neighbourhood
from tests.bench.large import world
from tests.bench.large.report import Clock, count_statements, median_ms, say
from tests.bench.large.sql import insert, literal, rows, run, vacuum
from tests.bench.large.undo import Mark
from tests.factories.clients import make_client

LENGTHS = (10, 1_000, 100_000)
ROUNDS = 30
# The country's tables; those of a few hundred rows PostgreSQL rightly reads whole.
LARGE = 2_000


def measure_joining(entries):
    """Lists of the whole region, for which nobody is refused, as long as there are clients to fill them."""
    people = Client.objects.count()
    for length in LENGTHS:
        if length <= people:
            _measure_list(entries, length)


def _measure_list(entries, length):
    waitlist = _long_list(length)
    by = User.objects.order_by("pk").first()
    clients = [_newcomer(number) for number in range(2 * ROUNDS + 1)]
    with CaptureQueriesContext(connection) as queries:
        _join(clients[0], waitlist, by)
    clock, bare = Clock(), Clock()
    for number in range(1, 2 * ROUNDS, 2):
        statement = _bare_join(clients[number], waitlist, by)
        with bare():
            run(statement)
        with clock():
            _join(clients[number + 1], waitlist, by)
    statements, control = count_statements(queries.captured_queries)
    say(
        "joining",
        entries=entries,
        waiting_on_the_list=length,
        statements=statements,
        and_for_the_transaction=control,
        ms=median_ms(clock.wall),
        longest_ms=round(max(clock.wall) * 1000, 2),
        bare_ms=median_ms(bare.wall),
        ratio=round(median_ms(clock.wall, 4) / median_ms(bare.wall, 4), 1),
    )
    _forget(waitlist, clients)


def _long_list(length):
    region, _created = Catchment.objects.get_or_create(
        level=CatchmentLevel.REGION, defaults={"code": "regio", "name": "Hele regio"}
    )
    slug = f"lang-{length}"
    offer = GroupOffer.objects.create(slug=slug, name=f"Lang {length}", level=CatchmentLevel.REGION, minimum=None)
    waitlist = Waitlist.objects.create(offer=offer, catchment=region)
    people = {
        "waitlist_id": str(waitlist.pk),
        "client_id": "id",
        "waiting_since": "current_date - 30",
        "joined_at": "now()",
    }
    run(insert(WaitlistEntry, **people) + f"FROM (SELECT id FROM clients_client ORDER BY id LIMIT {length}) AS c")
    run("ANALYZE groups_waitlistentry")
    return waitlist


def _newcomer(number):
    return make_client(family_name=f"Nieuw{number}", neighbourhood=Neighbourhood.objects.order_by("pk").first())


def _join(client, waitlist, by):
    now = timezone.now()
    return join_waitlist(
        client=client,
        offer=waitlist.offer,
        catchment=waitlist.catchment,
        waiting_since=timezone.localdate(now),
        by=by,
        now=now,
        judged=True,
    )


def _bare_join(client, waitlist, by):
    """The yardstick: the entry, its history and the due list in one statement, committed by itself."""
    entry = {"waitlist_id": str(waitlist.pk), "client_id": str(client.pk), "waiting_since": "current_date"}
    entry |= {"joined_at": "now()", "judged_at": "now()", "judged_by_id": str(by.pk)}
    history = {"at": "now()", "code": literal(HistoryCode.ENTRY_JOINED), "by_id": str(by.pk)}
    return (
        f"WITH due AS (UPDATE groups_waitlist SET due_at = now() WHERE id = {waitlist.pk}), "
        f"entry AS ({insert(WaitlistEntry, **entry)} RETURNING id) "
        + insert(HistoryEntry, waitlist_id=str(waitlist.pk), entry_id="id", **history)
        + "FROM entry"
    )


def _forget(waitlist, clients):
    ids = ", ".join(str(client.pk) for client in clients)
    run(f"DELETE FROM groups_historyentry WHERE waitlist_id = {waitlist.pk}")
    run(f"DELETE FROM groups_waitlistentry WHERE waitlist_id = {waitlist.pk}")
    for table in ("consent", "contactpreference"):
        run(f"DELETE FROM clients_{table} WHERE client_id IN ({ids})")
    run(f"DELETE FROM clients_client WHERE id IN ({ids})")
    run(f"DELETE FROM groups_waitlist WHERE id = {waitlist.pk}")
    run(f"DELETE FROM groups_groupoffer WHERE id = {waitlist.offer_id}")
    vacuum(Waitlist, WaitlistEntry)


def check_reads(entries, referrals=20):
    """Somebody joins a list of six, which then has seven and starts: what PostgreSQL read for that, by table.

    "whole" names the large tables that were read whole, or a good part of them by index; there must be none.
    """
    lists = _almost_ready(referrals)
    by = User.objects.order_by("pk").first()
    mark, started, entries_made = Mark.set(), 0, []
    with _reading() as read:
        for waitlist in lists:
            client = _newcomer(waitlist.pk)
            entries_made.append(_join(client, waitlist, by))
            started += start_due_waitlists(now=timezone.now(), limit=1).started
    each = {table: round(fetched / referrals) for table, (_scans, fetched) in read.items() if fetched}
    most = dict(sorted(each.items(), key=lambda pair: -pair[1])[:5])
    walked = _walked(read, each)
    figures = {"whole": walked, "rows_each": sum(each.values()), "most": most}
    say("reads", entries=entries, referrals=referrals, started=started, **figures)
    mark.undo()
    _leave(entries_made)
    return walked


def _almost_ready(count):
    """Lists of six in as many municipalities, with a minimum of seven."""
    found = rows(
        "SELECT DISTINCT ON (k.municipality_id) w.id FROM groups_waitlist w JOIN neighbourhoods_catchment k "
        f"ON k.id = w.catchment_id WHERE w.placeable_count = {world.PEOPLE - 1} AND w.own_minimum IS NULL "
        "AND k.municipality_id LIKE 'GM%' "
        f"ORDER BY k.municipality_id, w.id LIMIT {count}"
    )
    ids = [pk for (pk,) in found]
    Waitlist.objects.filter(pk__in=ids).update(own_minimum=world.PEOPLE)
    return list(Waitlist.objects.filter(pk__in=ids).select_related("offer", "catchment").order_by("pk"))


def _leave(entries_made):
    ids = [entry.waitlist_id for entry in entries_made]
    people = ", ".join(str(entry.client_id) for entry in entries_made)
    HistoryEntry.objects.filter(entry__in=entries_made, code=HistoryCode.ENTRY_JOINED).delete()
    run(f"DELETE FROM groups_waitlistentry WHERE id IN ({', '.join(str(entry.pk) for entry in entries_made)})")
    for table in ("consent", "contactpreference"):
        run(f"DELETE FROM clients_{table} WHERE client_id IN ({people})")
    run(f"DELETE FROM clients_client WHERE id IN ({people})")
    run(
        f"UPDATE groups_waitlist SET own_minimum = NULL, placeable_count = {world.PEOPLE - 1}, "
        f"due_at = {world.TOMORROW} WHERE id IN ({', '.join(map(str, ids))})"
    )


def _walked(read, each):
    sizes = dict(rows(f"SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND reltuples > {LARGE}"))
    return sorted(table for table, (scans, _n) in read.items() if scans or each.get(table, 0) > sizes[table] / 10)


@contextmanager
def _reading():
    """{table: (whole reads, rows fetched by index)} of large tables while the block runs."""
    read, before = {}, _statistics()
    yield read
    for table, figures in _statistics().items():
        read[table] = tuple(now - then for now, then in zip(figures, before[table], strict=True))


def _statistics():
    run("SELECT pg_stat_force_next_flush()")
    run("SELECT pg_stat_clear_snapshot()")
    found = rows(
        "SELECT s.relname, s.seq_scan, coalesce(s.idx_tup_fetch, 0) FROM pg_stat_user_tables s "
        f"JOIN pg_class c ON c.oid = s.relid WHERE c.reltuples > {LARGE}"
    )
    return {table: figures for table, *figures in found}
