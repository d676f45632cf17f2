"""A real mail server in the test's own process, which can be told to misbehave at any step of a conversation."""

import asyncio
import contextlib
import email
import email.policy
import logging
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.processes import free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells of every line of every conversation
STEPS = ("MAIL", "RCPT", "DATA", "TEXT")
Answer = Callable[[Session, Envelope], "str | None"]
OK = "250 OK"


class MailServer:
    """`received`: what was answered with 250, or would have been. `answers`: step -> what to say instead of yes.

    An answer that is None hangs up without a word; DATA is the command, TEXT what follows it.
    """

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answers: dict[str, Answer] = {}
        self.lock = threading.Lock()

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return await self._answer("MAIL", server, session, envelope)

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server, session, envelope)

    async def handle_DATA(self, server, session, envelope):
        """Called once the text is there: "TEXT"."""
        said = await self._answer("TEXT", server, session, envelope)
        if said is None or said.startswith("2"):
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            with self.lock:
                self.received.append(message)
        return said or OK

    async def _answer(self, step, server, session, envelope) -> str:
        answer = self.answers.get(step)
        if answer is None:
            return OK
        said = answer(session, envelope)
        if said is None:
            server.transport.abort()
        return said or OK

    def of(self, address: str) -> list[EmailMessage]:
        with self.lock:
            return [message for message in self.received if address in str(message["To"])]


@contextlib.contextmanager
def mail_server(port: int = 0) -> Iterator[tuple[MailServer, str]]:
    """A server, and its address for EMAIL_URL."""
    handler, port, ready = MailServer(), port or free_port(), threading.Event()
    stop: list[Callable[[], object]] = []

    async def serve() -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        stop.append(lambda: loop.call_soon_threadsafe(over.set))
        made: list[SMTP] = []

        def conversation() -> SMTP:
            made.append(SMTP(handler, enable_SMTPUTF8=True, data_size_limit=10_000_000, loop=loop))
            return made[-1]

        server = await loop.create_server(conversation, "127.0.0.1", port)
        ready.set()
        await over.wait()
        server.close()
        for one in made:
            if one.transport:
                one.transport.abort()
        await asyncio.sleep(0)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(10)
        yield handler, f"smtp://127.0.0.1:{port}"
    finally:
        stop[0]()
        thread.join()
