"""allauth's mail goes through the outbox like all other mail."""

from django.utils import timezone

from accounts.adapter import AccountAdapter
from notifications.services import notify


class OutboxAccountAdapter(AccountAdapter):
    """A request for a new password costs the same for a known and an unknown address, also when mail is down."""

    def send_mail(self, template_prefix, email, context):
        mail = self.render_mail(template_prefix, email, {"email": email, **context})
        notify(
            kind=template_prefix.rsplit("/", 1)[-1],
            to=email,
            subject=mail.subject,
            body=mail.body,
            now=timezone.now(),
            recipient=context.get("user"),
        )
