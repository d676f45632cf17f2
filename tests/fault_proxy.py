"""A small proxy that breaks requests on purpose, between a browser (or a script) and the web server.

One request a connection. A fault is chosen for each request of the paths it is meant for, from a seeded generator:

    lost   the request never reaches the server: closed without an answer
    cut    the server has it, and the answer stops in the middle
    reset  the server has it, and the connection is reset without an answer
    drop   the server has it, and nobody ever answers (until the other side gives up)
    late   the answer comes late
"""

import asyncio
import random
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

FAULTS = ("lost", "cut", "reset", "drop", "late")
HEAD = b"\r\n\r\n"


class FaultProxy:
    """Forwards to `port` of this machine; `share` of the requests to `paths` meet a fault, the others pass."""

    def __init__(self, port: int, *, paths: str, share: float, seed: int = 1, late: float = 5.0, hold: float = 60.0):
        self.upstream, self.paths, self.share, self.late, self.hold = port, re.compile(paths), share, late, hold
        self.chance = random.Random(seed)
        self.met: Counter[str] = Counter()
        self.port = 0

    async def serve(self, connection: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            request = await read_request(connection)
            fault = self.choose(request)
            self.met[fault or "none"] += 1
            if fault != "lost":
                await self.forward(request, back, fault)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side went away, or the proxy ends
        finally:
            back.close()

    def choose(self, request: bytes) -> str:
        path = request.split(b" ", 2)[1].decode("latin-1")
        if not self.paths.search(path) or self.chance.random() >= self.share:
            return ""
        return self.chance.choice(FAULTS)

    async def forward(self, request: bytes, back: asyncio.StreamWriter, fault: str) -> None:
        answer = await self.ask(request)
        if fault == "drop":
            await asyncio.sleep(self.hold)
        elif fault == "reset":
            linger = struct.pack("ii", 1, 0)
            back.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            if fault == "late":
                await asyncio.sleep(self.late)
            back.write(answer[: len(answer) // 2] if fault == "cut" else answer)
            await back.drain()

    async def ask(self, request: bytes) -> bytes:
        head, _, body = request.partition(HEAD)
        head = re.sub(rb"\r\nconnection:[^\r]*", b"", head, flags=re.IGNORECASE) + b"\r\nConnection: close"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            writer.write(head + HEAD + body)
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()


async def read_request(connection: asyncio.StreamReader) -> bytes:
    head = await connection.readuntil(HEAD)
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return head + (await connection.readexactly(int(length[1])) if length else b"")


@contextmanager
def running(proxy: FaultProxy) -> Iterator[FaultProxy]:
    """The proxy on a free port of this machine, in a thread of its own."""
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=1 << 22)
        proxy.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await server.serve_forever()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner, suppress(asyncio.CancelledError):
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10), "the proxy did not start"
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(10)
