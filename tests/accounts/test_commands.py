"""The first user of a fresh installation."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User

pytestmark = pytest.mark.django_db


def add(monkeypatch, password, *, email="eerste@socius.example", roles=("administrator",)):
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    call_command("add_user", email, "Eerste", "Beheerder", *[f"--role={role}" for role in roles], stdout=io.StringIO())


def test_add_user_with_roles_and_password(monkeypatch):
    add(monkeypatch, "een-heel-lang-wachtwoord", roles=("administrator", "coordinator"))
    user = User.objects.get()
    assert user.role_names == {"administrator", "coordinator"}
    assert user.check_password("een-heel-lang-wachtwoord")


def test_add_user_without_password_cannot_log_in_yet(monkeypatch):
    add(monkeypatch, "")
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize("password", ["kort", "password1234"])
def test_add_user_refuses_a_weak_password(monkeypatch, password):
    with pytest.raises(CommandError):
        add(monkeypatch, password)
    assert not User.objects.exists()


def test_add_user_refuses_an_address_in_use(monkeypatch):
    add(monkeypatch, "")
    with pytest.raises(CommandError):
        add(monkeypatch, "", email="EERSTE@socius.example")
    assert User.objects.count() == 1
