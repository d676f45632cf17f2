"""How those who guess passwords are slowed down, without keeping out whose password it is.

A wrong password counts against the account together with the address it came from, against the address, and, far more
slowly, against the account from everywhere. Who guesses from one address therefore locks out that address alone; who
guesses from very many stops strangers' browsers, not one in which the account's owner signed in before: that one has a
count of its own. A known and an unknown name are counted alike, so that the limits tell nothing either.

The counts lie in the cache, which every web process shares.
"""

import itertools

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from config.accounts.devices import known_device

# allauth's notation: how many, in which time, counted for what (`ip`: the address; `key`: what is given).
DEVICE = {"sign_in_device": "10/5m/key"}
HERE = {"sign_in_here": "5/5m/key"}
ADDRESS = {"sign_in_address": "30/5m/ip"}
ACCOUNT = {"sign_in_account": "100/d/key"}

Limit = tuple[dict[str, str], str]


def limits(request: HttpRequest, name: str) -> list[Limit]:
    """What an attempt to sign in as `name` (lower case) counts against: (rate, key)."""
    device = known_device(request, name)
    if device:
        return [(DEVICE, f"{device.user}:{device.nonce}")]
    return strangers_limits(request, name)


def strangers_limits(request: HttpRequest, name: str) -> list[Limit]:
    return [(HERE, f"{name}\0{ratelimit.get_ip(request)}"), (ADDRESS, ""), (ACCOUNT, name)]


def count_attempt(request: HttpRequest, name: str) -> ratelimit.RateLimitUsage | None:
    """Count one; None where there were too many. A right password takes its attempt back (`rollback`)."""
    used = []
    for rate, key in limits(request, name):
        (action,) = rate
        usage = ratelimit.consume(request, app="config.accounts", action=action, config=rate, key=key)
        if usage is None:
            return None
        used.append(usage.usage)
    return ratelimit.RateLimitUsage(usage=list(itertools.chain.from_iterable(used)))


def forget_attempts(request: HttpRequest, name: str) -> None:
    for rate, key in strangers_limits(request, name):
        (action,) = rate
        if rate is not ADDRESS:
            ratelimit.clear(request, app="config.accounts", action=action, config=rate, key=key)
