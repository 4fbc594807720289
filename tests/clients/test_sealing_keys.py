"""Master keys: changed without a moment in which a text cannot be read, and never absent in production."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.conf import settings as loaded
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from clients.models import ContactPreference, SealKey
from clients.sealing import SealBroken
from clients.sealing_box import make_key
from clients.services import destroy_key, rotate_master_key
from socius import embedded
from tests.factories.clients import make_client

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
OLD = dict(loaded.MASTER_KEYS)
NEW = {"new": make_key()}


@pytest.fixture
def people():
    return [make_client(f"Jansen {n}", contact={"instructions": f"van {n}"}) for n in range(5)]


def texts():
    rows = ContactPreference.objects.select_related("client__key").order_by("pk")
    return [row.instructions for row in rows]


ALL = [f"van {n}" for n in range(5)]


def test_rotating_rewraps_every_key_and_no_text(people, settings):
    sealed = list(ContactPreference.objects.order_by("pk").values_list("instructions", flat=True))
    settings.MASTER_KEYS = NEW | OLD
    assert texts() == ALL
    assert rotate_master_key(batch=2).rewrapped == 5
    settings.MASTER_KEYS = NEW
    assert texts() == ALL
    assert list(ContactPreference.objects.order_by("pk").values_list("instructions", flat=True)) == sealed
    assert rotate_master_key().rewrapped == 0


@pytest.mark.django_db(transaction=True)
def test_cut_short_everything_can_be_read_and_the_next_run_does_the_rest(people, settings):
    settings.MASTER_KEYS = NEW | OLD

    def cut(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_master_key(batch=2, after_batch=cut)
    assert [SealKey.objects.filter(master=name).count() for name in ("new", "test")] == [2, 3]
    assert texts() == ALL
    assert rotate_master_key(batch=2).rewrapped == 3
    settings.MASTER_KEYS = NEW
    assert texts() == ALL


def test_a_key_that_cannot_be_opened_stays_as_it_is_and_no_master_key_may_go(people, settings, capsys):
    bad = people[2].key
    spoiled = bytes(bad.wrapped)[:-1] + b"\0"
    SealKey.objects.filter(pk=bad.pk).update(wrapped=spoiled)
    settings.MASTER_KEYS = NEW | OLD
    with pytest.raises(CommandError, match="1 keys could not be opened.*Take no master key away") as told:
        call_command("rotate_master_key", batch=2)
    assert str(bad.pk) in str(told.value)
    assert "4 keys put under new" in capsys.readouterr().out
    bad.refresh_from_db()
    assert (bad.master, bytes(bad.wrapped)) == ("test", spoiled)


def test_the_command_says_when_the_old_one_may_go(people, settings, capsys):
    destroy_key(client=people[0], by=None, now=NOW)
    settings.MASTER_KEYS = NEW | OLD
    call_command("rotate_master_key")
    told = capsys.readouterr().out
    assert ("4 keys put under new." in told, "All 4 keys are under new." in told, "may then go" in told) == (True,) * 3
    settings.MASTER_KEYS = NEW
    assert [row.instructions for row in ContactPreference.objects.order_by("pk")[1:]] == ALL[1:]


def test_a_key_bears_the_name_of_its_master_key_and_no_other(people, settings):
    key = people[0].key
    settings.MASTER_KEYS = OLD | {"copy": OLD["test"]}
    key.master = "copy"
    with pytest.raises(SealBroken, match=str(key.pk)):
        key.unwrap()


def test_a_key_is_wrapped_or_destroyed(people):
    for change in ({"wrapped": None}, {"destroyed_at": NOW}):
        with pytest.raises(IntegrityError, match="seal_key_wrapped_until_destroyed"), transaction.atomic():
            SealKey.objects.filter(client=people[0]).update(**change)


def test_each_client_has_a_key_of_their_own(people):
    assert len({client.key.unwrap() for client in people}) == 5
    people[0].key = people[1].key
    with pytest.raises(IntegrityError), transaction.atomic():
        people[0].save()


def manage(*arguments, **environment):
    """manage.py in an environment that is complete for production but for what is given."""
    complete = {name: value for name, value in os.environ.items() if not name.startswith("SOCIUS_")}
    complete |= {"SITE_URL": "https://socius.example", "ALLOWED_HOSTS": "socius.example"} | environment
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
    return subprocess.run(command, cwd=embedded.BASE_DIR, env=complete, capture_output=True, text=True, timeout=60)


def test_production_does_not_start_without_a_master_key_or_with_half_a_one():
    without = manage("check")
    assert (without.returncode, "SOCIUS_MASTER_KEYS is not set" in without.stderr) == (1, True)
    short = manage("check", SOCIUS_MASTER_KEYS="2027:c2hvcnQ=")
    assert (short.returncode, "key 2027 is not 32 bytes long" in short.stderr) == (1, True)
    assert "c2hvcnQ" not in short.stderr


def test_a_clone_makes_its_master_key_once_and_for_its_owner_only(tmp_path):
    made = embedded.master_keys(tmp_path / "var")
    assert embedded.master_keys(tmp_path / "var") == made
    assert made != embedded.master_keys(tmp_path / "other")
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["master_keys"]
    assert (tmp_path / "var" / "master_keys").stat().st_mode & 0o777 == 0o600
