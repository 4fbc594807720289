"""People who work with Socius. The e-mail address follows from the name, so that tests can say who is who."""

from accounts import services
from accounts.enums import RoleName

PASSWORD = "een-lang-wachtwoord"


def make_user(first_name="Wietske", *roles, last_name="Voorbeeld", email=None, password=None, **fields):
    """A user with these roles; further fields are set on the user. No password unless asked for (hashing costs)."""
    user = services.make_user(
        email=email or f"{first_name}.{last_name}@socius.example".replace(" ", "").lower(),
        first_name=first_name,
        last_name=last_name,
        roles=roles,
        password=password,
    )
    for name, value in fields.items():
        setattr(user, name, value)
    if fields:
        user.save(update_fields=list(fields))
    return user


def make_group_worker(first_name="Groetje", *, municipalities=(), **fields):
    return _with_areas(make_user(first_name, RoleName.GROUP_WORKER, **fields), municipalities)


def make_social_worker(first_name="Sofie", *, municipalities=(), **fields):
    return _with_areas(make_user(first_name, RoleName.SOCIAL_WORKER, **fields), municipalities)


def make_team_member(first_name="Teun", **fields):
    return make_user(first_name, RoleName.TEAM_MEMBER, **fields)


def make_coordinator(first_name="Coba", **fields):
    return make_user(first_name, RoleName.COORDINATOR, **fields)


def make_administrator(first_name="Ada", **fields):
    return make_user(first_name, RoleName.ADMINISTRATOR, **fields)


def make_desk(first_name="Loes", *, municipalities=(), **fields):
    return _with_areas(make_user(first_name, RoleName.DESK, **fields), municipalities)


def make_referrer(first_name="Rein", **fields):
    return make_user(first_name, RoleName.REFERRER, **fields)


def _with_areas(user, municipalities):
    for municipality in municipalities:
        user.work_areas.create(municipality=municipality)
    return user
