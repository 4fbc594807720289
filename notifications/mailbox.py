"""For trying Socius: mail does not leave, but lies in a mailbox that opens in the browser."""

import os
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

FILE_NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{32}")


class MailboxBackend(BaseEmailBackend):
    """Writes each mail as one .eml file into settings.MAILBOX_DIR; a half-written file never shows."""

    def send_messages(self, email_messages):
        folder = Path(settings.MAILBOX_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{timezone.now():%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex}"
            unfinished = folder / f".{name}"
            unfinished.write_bytes(message.message().as_bytes(linesep="\r\n"))
            os.replace(unfinished, folder / f"{name}.eml")
        return len(email_messages)


@dataclass(frozen=True)
class Mail:
    """One mail as a page shows it; when it was sent says its name."""

    name: str
    subject: str
    sender: str
    to: str
    sent_at: datetime
    text: str
    attachments: tuple


def list_mails(*, limit=100):
    """The newest mails, the newest first."""
    names = sorted((path.stem for path in Path(settings.MAILBOX_DIR).glob("*.eml")), reverse=True)
    return [read_mail(name) for name in names[:limit] if FILE_NAME.fullmatch(name)]


def read_mail(name):
    """The mail of this name; FileNotFoundError if there is none."""
    if not FILE_NAME.fullmatch(name):
        raise FileNotFoundError(name)
    message = message_from_bytes((Path(settings.MAILBOX_DIR) / f"{name}.eml").read_bytes(), policy=policy.default)
    body = message.get_body(preferencelist=("plain",))
    return Mail(
        name=name,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        sent_at=datetime.strptime(name[:21], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC),
        text=body.get_content() if body else "",
        attachments=tuple(_attachment(part) for part in message.iter_attachments()),
    )


@dataclass(frozen=True)
class Attachment:
    file_name: str
    content: bytes


def _attachment(part):
    """Under a name of letters, digits and a dot, whatever the mail says."""
    kept = re.sub(r"[^A-Za-z0-9.]", "", part.get_filename() or "").lstrip(".")
    return Attachment(file_name=kept or "bijlage", content=part.get_payload(decode=True) or b"")
