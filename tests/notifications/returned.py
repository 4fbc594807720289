"""Mail that came back, as real servers word it; {id} is our Message-ID, {to} where it went."""

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mx.voorbeeld.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: groepen@socius.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9B095B5ADSN=_01CA.mx"
Message-Id: <20260908080000.1234@mx.voorbeeld.example>

This is a MIME-encapsulated message.

--9B095B5ADSN=_01CA.mx
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.voorbeeld.example.

<{to}>: host mail.voorbeeld.example[192.0.2.1] said: 550 5.1.1
    <{to}>: Recipient address rejected: User unknown

--9B095B5ADSN=_01CA.mx
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.voorbeeld.example
X-Postfix-Queue-ID: 0C3B5200A1
Arrival-Date: Tue,  8 Sep 2026 10:00:00 +0200 (CEST)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.voorbeeld.example
Diagnostic-Code: smtp; 550 {status} <{to}>: Recipient address rejected

--9B095B5ADSN=_01CA.mx
Content-Description: Undelivered Message
Content-Type: message/rfc822

Return-Path: <groepen@socius.example>
Message-ID: {id}
Subject: Een bericht van Socius
To: {to}
Content-Type: text/plain; charset="utf-8"

Hallo,

--9B095B5ADSN=_01CA.mx--
"""

EXCHANGE = """\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@voorbeeld.example>
To: groepen@socius.example
Date: Tue, 8 Sep 2026 08:00:05 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_e1a2c3d4-0000-4b1e-9d3b-5a5a5a5a5a5a_"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: nl-NL
Message-ID: <ndr-1@VI1PR01MB0001.eurprd01.prod.exchangelabs.example>
In-Reply-To: {id}
References: {id}
Subject: Onbestelbaar: Een bericht van Socius
MIME-Version: 1.0

--_e1a2c3d4-0000-4b1e-9d3b-5a5a5a5a5a5a_
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="_inner_"

--_inner_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

VXcgYmVyaWNodCBpcyBuaWV0IGJlem9yZ2Qu

--_inner_
Content-Type: text/html; charset="utf-8"

<html><body>Uw bericht is niet bezorgd.</body></html>
--_inner_--

--_e1a2c3d4-0000-4b1e-9d3b-5a5a5a5a5a5a_
Content-Type: message/delivery-status

Reporting-MTA: dns;VI1PR01MB0001.eurprd01.prod.exchangelabs.example
Received-From-MTA: dns;mail.socius.example
Arrival-Date: Tue, 8 Sep 2026 08:00:03 +0000

Final-Recipient: rfc822;{to}
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException

--_e1a2c3d4-0000-4b1e-9d3b-5a5a5a5a5a5a_
Content-Type: text/rfc822-headers

Received: from mail.socius.example (198.51.100.7)
From: Socius <groepen@socius.example>
To: <{to}>
Subject: Een bericht van Socius
Message-ID:
 {id}

--_e1a2c3d4-0000-4b1e-9d3b-5a5a5a5a5a5a_--
"""

EXIM = """\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@mail.voorbeeld.example>
To: groepen@socius.example
X-Failed-Recipients: {to}
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1xyz-0000-00@mail.voorbeeld.example>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {to}
    all relevant MX records point to non-existent hosts: 550 Unrouteable address

------ This is a copy of the message, including all the headers. ------

Return-path: <groepen@socius.example>
Message-ID: {id}
To: {to}
Subject: Een bericht van Socius

Hallo,
"""

QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@voorbeeld.example
To: groepen@socius.example
Subject: failure notice

Hi. This is the qmail-send program at voorbeeld.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{to}>:
192.0.2.9 does not like recipient.
Remote host said: 550 5.7.1 Message refused
Giving up on 192.0.2.9.

--- Below this line is a copy of the message.

Return-Path: <groepen@socius.example>
To: {to}
Message-ID: {id}
Subject: Een bericht van Socius

Hallo,
"""

HOLIDAY = """\
From: Anna <{to}>
To: groepen@socius.example
Auto-Submitted: auto-replied
In-Reply-To: {id}
References: {id}
Subject: Afwezig: Een bericht van Socius
Content-Type: text/plain

Ik ben er niet. 550 keer bedankt voor uw bericht {id}.
"""


def filled(sample, row, *, to=None, message_id=None, action="failed", status="5.1.1"):
    """The bytes of a sample about this notification."""
    values = {"{to}": to or row.to_address, "{id}": message_id or row.message_id}
    for mark, value in (values | {"{action}": action, "{status}": status}).items():
        sample = sample.replace(mark, value)
    return sample.replace("\n", "\r\n").encode()
