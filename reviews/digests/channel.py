"""Posts to a Slack or Mattermost channel: an address that a person typed, asked by a machine that stands inside a
network. So it must be HTTPS to a public address, which is looked up once and then connected to as it was looked up;
nothing that answers may lead elsewhere.
"""

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from reviews.digests.post import PATIENCE, Fate, Outcome, at_most

TIMEOUT = 10  # seconds, of each step
HEADERS = {"Content-Type": "application/json", "User-Agent": "limiting-factor"}
MOST_READ = 4096  # bytes of an answer
TRANSLATED = tuple(ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
AGAIN = {408, 425, 429, *range(500, 600)}  # not taken now


class Forbidden(Exception):
    """The address is none that may be posted to."""


def check_address(url: str) -> None:
    """Raise ValidationError where the address cannot be one of a channel, before anything is looked up."""
    try:
        _parts(url)
    except Forbidden as error:
        raise ValidationError(str(error)) from None


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden(_("This is no address.")) from None
    if not parts.hostname or parts.username or parts.password or any(c.isspace() or ord(c) < 33 for c in url):
        raise Forbidden(_("This is no address of a channel."))
    inside = parts.hostname in settings.HOOK_HOSTS
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        raise Forbidden(_("The address begins with https://."))
    if not inside:
        if port not in (None, 443):
            raise Forbidden(_("The address has a port of its own, which only a host in HOOK_HOSTS may."))
        try:
            literal = ipaddress.ip_address(parts.hostname)
        except ValueError:
            pass
        else:
            if not _public(literal):
                raise Forbidden(_("The address is of a private network."))
    return parts


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return _public(address.ipv4_mapped)
        if any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


def look_up(host: str, port: int) -> str:
    """The number to connect to. Raises Forbidden where any of the host's is private, OSError where it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = [str(entry[4][0]) for entry in found]
    if host not in settings.HOOK_HOSTS and not all(_public(ipaddress.ip_address(one)) for one in numbers):
        raise Forbidden(_("The address is of a private network."))
    return numbers[0]


class _Pinned(http.client.HTTPSConnection):
    """To the number that was looked up, under the name that was asked for."""

    def __init__(self, host: str, port: int, number: str, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self.number, self.secure = number, secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self.number, self.port), TIMEOUT)
        if self.secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def post(url: str, text: str, handing_over: Callable[[], bool]) -> Outcome:
    """Post `text`; `handing_over` is asked right before it leaves, and False stops it."""
    try:
        parts = _parts(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        with at_most(PATIENCE):
            connection = _Pinned(parts.hostname or "", port, look_up(parts.hostname or "", port), secure)
            connection.connect()
    except Forbidden as error:
        return Outcome(Fate.REFUSED, str(error))
    except (OSError, UnicodeError) as error:
        return Outcome(Fate.LATER, f"{type(error).__name__}: {error}")
    try:
        if not handing_over():
            return Outcome(Fate.NOT_MINE)
        body = json.dumps({"text": text}).encode()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with at_most(PATIENCE):
            connection.request("POST", path, body, HEADERS)
            answer = connection.getresponse()
            said = answer.read(MOST_READ).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        return Outcome(Fate.UNKNOWN, f"{type(error).__name__}: {error}")
    finally:
        connection.close()
    if 200 <= answer.status < 300:
        return Outcome(Fate.SENT)
    return Outcome(Fate.LATER if answer.status in AGAIN else Fate.REFUSED, f"{answer.status} {said[:300]}")


def harmless(text: str) -> str:
    """Other people's words, so that they call nobody, link nowhere and stay as they were typed."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("@", "@\u200b").replace("](", "]\u200b(").replace("://", ":\u200b//")
