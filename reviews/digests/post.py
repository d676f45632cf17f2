"""The conversation with a mail server, one step at a time, so that we know in each what became of a mail.

Until the server has said that it waits for the text, nothing was sent; once it has answered the text, it is known. In
between, only the server knows: whoever is cut off there must not send it again.
"""

import enum
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage as Message
from email.utils import parseaddr
from smtplib import SMTP as Server
from smtplib import SMTPException, SMTPServerDisconnected

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

PATIENCE = 15  # seconds for all of what comes before the text, and again for the text and its answer


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeoutError where this takes longer, however often something is heard: the limits of a socket begin anew
    with each byte. Only in a process's main thread, where Celery runs its jobs; elsewhere the socket's limits are all.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(*_: object) -> None:
        raise TimeoutError(f"not done within {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)  # and again: a library may swallow the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Fate(enum.Enum):
    SENT = "sent"
    LATER = "later"  # not taken now
    REFUSED = "refused"  # not taken, and never will be
    UNKNOWN = "unknown"
    NOT_MINE = "not mine"  # another worker has it by now; nothing was sent


@dataclass(frozen=True)
class Outcome:
    fate: Fate
    why: str = ""


class Letter(EmailMessage):
    """A finished message, as Django's mail backends take one."""

    def __init__(self, finished: Message) -> None:
        super().__init__(subject=str(finished["Subject"]), from_email=str(finished["From"]), to=[str(finished["To"])])
        text = finished.get_body(("plain",))
        self.body = text.get_content() if text else ""
        self.finished = finished

    def message(self) -> Message:  # type: ignore[override]
        return self.finished


class Post:
    """Mails one after the other over one connection."""

    def __init__(self) -> None:
        self.connection = get_connection()

    def __enter__(self) -> "Post":
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    def send(self, message: Message, handing_over: Callable[[], bool]) -> Outcome:
        """Send; `handing_over` is asked right before the text leaves, and False stops it."""
        if not isinstance(self.connection, EmailBackend):
            if not handing_over():
                return Outcome(Fate.NOT_MINE)
            self.connection.send_messages([Letter(message)])
            return Outcome(Fate.SENT)
        sender, receiver = (_bare(message[name]) for name in ("From", "To"))
        if not receiver:
            return Outcome(Fate.REFUSED, "no address")
        try:
            with at_most(PATIENCE):
                refused = self._reach(sender, receiver)
        except (OSError, SMTPException) as error:
            self.hang_up()
            return Outcome(Fate.LATER, _words(error))
        return refused or self._the_text(message, handing_over)

    def _reach(self, sender: str, receiver: str) -> Outcome | None:
        try:
            return self._up_to_the_text(sender, receiver)
        except SMTPServerDisconnected:  # a connection kept from the last mail may have been closed meanwhile
            self.hang_up()
            return self._up_to_the_text(sender, receiver)

    def _up_to_the_text(self, sender: str, receiver: str) -> Outcome | None:
        """Everything before the text; None where the server waits for it."""
        self.connection.open()
        server: Server = self.connection.connection
        server.ehlo_or_helo_if_needed()
        for code, said in self._replies(server, sender, receiver):
            if code not in (250, 251, 252, 354):
                return self._not_taken(code, said)
        return None

    @staticmethod
    def _replies(server: Server, sender: str, receiver: str) -> Iterator[tuple[int, bytes]]:
        yield server.mail(sender)
        yield server.rcpt(receiver)
        yield server.docmd("DATA")

    def _the_text(self, message: Message, handing_over: Callable[[], bool]) -> Outcome:
        server: Server = self.connection.connection
        text = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
        text = b"".join(b"." + line if line.startswith(b".") else line for line in text.splitlines(keepends=True))
        if not text.endswith(b"\r\n"):
            text += b"\r\n"
        if not handing_over():
            self.hang_up()  # without the end of the text it is no mail
            return Outcome(Fate.NOT_MINE)
        try:
            with at_most(PATIENCE):
                server.send(text + b".\r\n")
                code, said = server.getreply()
        except (OSError, SMTPException) as error:
            self.hang_up()
            return Outcome(Fate.UNKNOWN, _words(error))
        return Outcome(Fate.SENT) if 200 <= code < 300 else self._not_taken(code, said)

    def _not_taken(self, code: int, said: bytes) -> Outcome:
        self.hang_up()
        why = f"{code} {said.decode('utf-8', 'replace')}"
        return Outcome(Fate.REFUSED if 500 <= code < 600 else Fate.LATER, why)

    def hang_up(self) -> None:
        if isinstance(self.connection, EmailBackend):
            server = self.connection.connection
            self.connection.connection = None
            if server:
                with suppress(OSError, SMTPException):
                    server.close()


def _bare(header: object) -> str:
    """The address of a header as a server takes it: international domains in their ASCII form."""
    address = parseaddr(str(header))[1]
    return sanitize_address(address, "utf-8") if address else ""


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
