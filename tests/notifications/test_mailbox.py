from email import message_from_bytes, policy

import pytest
from django.test import override_settings

from notifications.mailbox import list_mails
from notifications.services import send_notifications
from tests.factories.notifications import make_notification

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    return settings.MAILBOX_DIR


def send(**fields):
    row = make_notification(**fields)
    send_notifications(now=row.due_at)
    return row


def test_a_mail_is_a_file_that_python_reads_back(folder):
    row = send(subject="Uitnodiging – één bericht", body="Dag Zoë,\n\nhttps://x.example/antwoord/abc/\n")
    [path] = folder.iterdir()
    assert path.suffix == ".eml"
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "Uitnodiging – één bericht"
    assert mail["To"] == row.to_address
    assert mail["Message-ID"] == row.message_id
    assert mail.get_body().get_content().replace("\r\n", "\n") == row.body


def test_the_newest_is_first():
    for number in range(3):
        send(subject=f"bericht {number}")
    assert [mail.subject for mail in list_mails()] == ["bericht 2", "bericht 1", "bericht 0"]


def test_the_list_links_to_each_mail(client):
    send(subject="Er is een bericht")
    [mail] = list_mails()
    page = client.get("/mailbox/").content.decode()
    assert f'href="/mailbox/{mail.name}/"' in page
    assert "Er is een bericht" in page


def test_an_empty_mailbox_is_a_page_too(client):
    assert client.get("/mailbox/").status_code == 200


def test_links_can_be_clicked_and_markup_stays_text(client):
    send(body="<script>alert(1)</script>\nhttps://x.example/antwoord/abc/?a=1&b=2\njavascript:alert(1)\n")
    page = client.get(f"/mailbox/{list_mails()[0].name}/").content.decode()
    assert '<a href="https://x.example/antwoord/abc/?a=1&amp;b=2"' in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize("name", ["niets", "20270112T090000000000-" + "0" * 32, "..%2f..%2fetc%2fpasswd", "%00"])
def test_no_other_file_is_ever_read(client, name):
    assert client.get(f"/mailbox/{name}/").status_code in {400, 404}


def test_unfinished_and_foreign_files_do_not_show(client, folder):
    folder.mkdir(parents=True)
    (folder / ".20270112T090000000000-half").write_text("half")
    (folder / "iets.eml").write_text("niet van ons")
    assert list_mails() == []


def test_there_is_no_mailbox_where_mail_leaves(client):
    send()
    name = list_mails()[0].name
    with override_settings(MAILBOX_DIR=None):
        assert client.get("/mailbox/").status_code == 404
        assert client.get(f"/mailbox/{name}/").status_code == 404
