"""The mail server: settings that cannot work together, and a conversation up to the login, without a mail."""

import smtplib
import socket
import ssl
from collections.abc import Iterator

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from reviews.doctor.findings import Finding, doubtful, fine, wrong

SMTP = "django.core.mail.backends.smtp.EmailBackend"
PATIENCE = 10  # seconds


def check_mail(to: str = "") -> Iterator[Finding]:
    """`to`: send one mail there besides."""
    if settings.EMAIL_BACKEND != SMTP:
        if settings.PRODUCTION:
            yield wrong("Mail", "is printed, not sent", "EMAIL_URL=smtp+tls://user:password@mail.example.org:587")
        else:
            yield fine("Mail", f"goes to {settings.EMAIL_BACKEND.split('.')[-2]}: nothing leaves")
        return
    yield from check_sender(settings.DEFAULT_FROM_EMAIL)
    clash = check_port(settings.EMAIL_PORT, tls=settings.EMAIL_USE_TLS, wrapped=settings.EMAIL_USE_SSL)
    if clash:
        yield clash
        return
    yield talk(to)


def check_sender(sender: str) -> Iterator[Finding]:
    if sender.endswith("@localhost") or "@" not in sender:
        yield wrong("Mail", f"the sender is {sender}: most servers refuse it", "DEFAULT_FROM_EMAIL=factor@example.org")


def check_port(port: int, *, tls: bool, wrapped: bool) -> Finding | None:
    """The two mistakes that make a connection hang until somebody gives up."""
    if port == 465 and not wrapped:
        return wrong(
            "Mail",
            "port 465 speaks TLS from the first byte: STARTTLS or plain text hangs there",
            "smtp+ssl://…:465, or smtp+tls://…:587",
        )
    if port in (25, 587) and wrapped:
        return wrong(
            "Mail",
            f"port {port} begins in plain text: TLS from the first byte fails there",
            "smtp+tls://…:587, or smtp+ssl://…:465",
        )
    return None


def talk(to: str) -> Finding:
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    connection = get_connection(timeout=PATIENCE)
    try:
        connection.open()
        if to:
            EmailMessage("Limiting Factor", "Mail works.", None, [to], connection=connection).send()
    except Exception as error:  # whatever a library raises is a finding
        return explain(error, where)
    finally:
        connection.close()
    if not settings.EMAIL_USE_TLS and not settings.EMAIL_USE_SSL and settings.EMAIL_HOST_PASSWORD:
        return doubtful("Mail", f"{where} answers; the password travels in plain text", "smtp+tls://…:587")
    return fine("Mail", f"{where} answers{' and took a mail to ' + to if to else ''}")


def explain(error: Exception, where: str) -> Finding:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return wrong("Mail", f"{where} refuses name or password", "EMAIL_URL; write @ in it as %40")
    if isinstance(error, ssl.SSLError):
        return wrong("Mail", f"{where} does not speak TLS as asked ({error.reason})", "smtp+tls: 587, smtp+ssl: 465")
    if isinstance(error, TimeoutError | smtplib.SMTPServerDisconnected):
        return wrong(
            "Mail",
            f"{where} did not answer within {PATIENCE} s",
            "the port may be blocked by a firewall or by the provider; 587 is rarely",
        )
    if isinstance(error, socket.gaierror):
        return wrong("Mail", f"{settings.EMAIL_HOST} is no known name", "the host in EMAIL_URL")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return wrong("Mail", f"{where} offers no STARTTLS or no login", "smtp+ssl://…:465, or without a password")
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return wrong("Mail", f"{where} cannot be reached ({error.strerror or error})", "host and port in EMAIL_URL")
    return wrong("Mail", f"{where} refuses: {type(error).__name__}", "its log says why; the sender may not be allowed")
