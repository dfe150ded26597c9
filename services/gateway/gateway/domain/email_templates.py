"""Emails to users, as plain text and HTML."""

from email.message import EmailMessage
from email.utils import make_msgid
from html import escape

_TEXT = """\
Hello {name},

Verify your email address to finish signing up for Tracklane. Open this link:

{link}

The link expires in {hours} hours. If you did not sign up, ignore this email.
{support}"""

_HTML = """\
<!doctype html>
<html lang="en">
<body style="margin:0;padding:32px 16px;background:#f4f5f7;font-family:system-ui,sans-serif;color:#1c2430">
<table role="presentation" width="100%"><tr><td align="center">
<table role="presentation" width="480" style="max-width:480px;background:#ffffff;border-radius:12px;padding:32px">
<tr><td style="font-size:20px;font-weight:600;padding-bottom:16px">Hello {name},</td></tr>
<tr><td style="font-size:15px;line-height:1.5;padding-bottom:24px">Verify your email address to finish
signing up for Tracklane.</td></tr>
<tr><td style="padding-bottom:24px"><a href="{link}" style="display:inline-block;padding:12px 24px;border-radius:8px;\
background:#2356d8;color:#ffffff;font-size:15px;font-weight:600;text-decoration:none">Verify your email</a></td></tr>
<tr><td style="font-size:13px;line-height:1.5;color:#5a6472">The link expires in {hours} hours. If the button does not
work, copy this address into your browser:<br><span style="word-break:break-all">{link}</span><br><br>
If you did not sign up, ignore this email.{support}</td></tr>
</table></td></tr></table></body></html>
"""


def verification_email(name: str, to: str, sender: str, link: str, hours: int, support: str) -> EmailMessage:
    """The email with the button that verifies an address."""
    message = EmailMessage()
    message["Subject"] = "Verify your email for Tracklane"
    message["From"] = sender
    message["To"] = to
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    help_text = f"\nQuestions? Contact {support}\n" if support else ""
    help_html = f"<br><br>Questions? Contact {escape(support)}" if support else ""
    message.set_content(_TEXT.format(name=name, link=link, hours=hours, support=help_text))
    html = _HTML.format(name=escape(name), link=escape(link), hours=hours, support=help_html)
    message.add_alternative(html, subtype="html")
    return message
