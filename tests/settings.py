"""The real settings, but for what would make tests slow or need a build step first."""

from socius.settings import *  # noqa: F403
from socius.settings import STORAGES, TEMPLATES, VAR_DIR
from tests.undefined import UndefinedVariable

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
MAILBOX_DIR = VAR_DIR / "mailbox"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEMPLATES = [
    dict(engine, OPTIONS=engine["OPTIONS"] | {"string_if_invalid": UndefinedVariable()}) for engine in TEMPLATES
]
