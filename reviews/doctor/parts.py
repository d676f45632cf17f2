"""The processes beside this one: broker, worker, beat."""

from collections.abc import Iterator

import redis
from django.conf import settings

from reviews.doctor.findings import Finding, doubtful, fine, wrong
from reviews.health import PATIENCE, check_health

FIXES = {
    "broker": 'is it running, and is BROKER_URL the same for web, worker and beat? redis-cli -u "$BROKER_URL" ping',
    "worker": "start it, or read its log (journalctl -u limiting-factor-worker); it must have the BROKER_URL of beat",
    "beat": "start one, and only one (journalctl -u limiting-factor-beat): without it no digest goes",
    "database": "see Database above",
}


def check_parts() -> Iterator[Finding]:
    for part in check_health():
        if part.name == "web":
            continue  # what asks here is no web server: see --url
        about = part.name.capitalize()
        seen = "" if part.age is None else f", last seen {part.age:.0f} s ago"
        yield fine(about, part.says + seen) if part.ok else wrong(about, part.says + seen, FIXES[part.name])
    yield from check_redis(settings.CELERY_BROKER_URL, settings.CACHES["default"].get("LOCATION"))


def check_redis(broker: str, cache: str | list[str] | None) -> Iterator[Finding]:
    """A Redis that may throw messages away, or whose cache and queue are emptied together."""
    if not broker.startswith(("redis://", "rediss://")):
        if settings.PRODUCTION:
            yield doubtful("Broker", "is made of files: for one machine only", "BROKER_URL=redis://127.0.0.1:6379/0")
        return
    if broker in (cache if isinstance(cache, list) else [cache]):
        yield doubtful("Redis", "broker and cache are one database: cleared together", "CACHE_URL=…/1, BROKER_URL=…/0")
    try:
        with redis.Redis.from_url(broker, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as client:
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except redis.RedisError:
        return  # not reached: said above; or it does not tell its settings
    if policy != "noeviction":
        yield doubtful(
            "Redis", f"throws keys away when it is full ({policy}): messages vanish", "maxmemory-policy noeviction"
        )
