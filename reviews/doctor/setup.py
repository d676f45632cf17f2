"""What the environment says: key, names, proxy, zone, migrations, accounts."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from projects.checks import demo_accounts
from projects.models import Program
from reviews.doctor.findings import Finding, doubtful, fine, wrong

SHORTEST_KEY, FEWEST_CHARACTERS = 50, 5  # as Django's own deployment check
LOCAL = {"127.0.0.1", "localhost", "[::1]"}


def check_setup() -> Iterator[Finding]:
    yield check_key(settings.SECRET_KEY)
    yield from check_names(settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS)
    yield check_proxy(settings.PRODUCTION, settings.BEHIND_PROXY)
    yield from check_zones()
    yield from check_database()


def check_key(key: str) -> Finding:
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS or key.startswith("django-insecure"):
        return wrong(
            "SECRET_KEY",
            "is short or easy to guess: whoever guesses it can sign in as anyone",
            'python3 -c "import secrets; print(secrets.token_urlsafe(50))", the same for web, worker and beat',
        )
    return fine("SECRET_KEY", "is long and random")


def check_names(hosts: list[str], origins: list[str]) -> Iterator[Finding]:
    if "*" in hosts:
        yield wrong(
            "ALLOWED_HOSTS",
            "takes any name: links in mails can be made to lead elsewhere",
            "name the public addresses alone, such as ALLOWED_HOSTS=factor.example.org",
        )
    elif settings.PRODUCTION and set(hosts) <= LOCAL:
        yield wrong(
            "ALLOWED_HOSTS",
            "names this machine alone: every other browser gets 400",
            "ALLOWED_HOSTS=factor.example.org, as browsers type it, without https:// and without a port",
        )
    else:
        yield fine("ALLOWED_HOSTS", ", ".join(hosts))
    for host in hosts:
        if "/" in host or ":" in host.strip("[]").replace("::1", ""):
            yield wrong("ALLOWED_HOSTS", f"{host} is no name", "without https://, without a path, without a port")
    for origin in origins:
        if not origin.startswith("https://"):
            yield wrong("CSRF_TRUSTED_ORIGINS", f"{origin} is no origin", "https://name, and the port unless it is 443")


def check_proxy(production: bool, behind_proxy: bool) -> Finding:
    if production and not behind_proxy:
        return doubtful(
            "BEHIND_PROXY",
            "is not set, so X-Forwarded-Proto is ignored: behind a proxy that ends TLS every page redirects for ever",
            "BEHIND_PROXY=1, and have the proxy set X-Forwarded-Proto and X-Forwarded-For itself (deploy/nginx.conf)",
        )
    if behind_proxy and not production:
        return doubtful(
            "BEHIND_PROXY",
            "is set without PRODUCTION=1: whoever reaches the port can claim any address",
            "PRODUCTION=1 where others can reach it",
        )
    return fine("BEHIND_PROXY", "as it should be" if production else "not in production")


def check_zones() -> Iterator[Finding]:
    known = available_timezones()
    if len(known) < 300:
        yield wrong("Time zones", "the system has hardly any", "pip install -r requirements.txt: it brings tzdata")
    try:
        strange = sorted(set(Program.objects.values_list("zone", flat=True)) - known)
    except Error:
        return  # said by check_database
    if strange:
        yield wrong("Time zones", f"of programs that nobody knows: {', '.join(strange[:5])}", "edit those programs")
    else:
        yield fine("Time zones", f"{len(known)} known; here it is {ZoneInfo(settings.TIME_ZONE).key}")


def check_database() -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        yield wrong(
            "Database",
            "does not answer",
            'is it running, and are name, user and password of DATABASE_URL right? psql "$DATABASE_URL" tells more',
        )
        return
    if waiting:
        yield wrong("Migrations", f"{len(waiting)} wait, from {waiting[0][0]} on", "manage.py migrate (after a backup)")
        return
    yield fine("Migrations", "none waits")
    names = demo_accounts()
    if names and settings.PRODUCTION:
        yield wrong("Accounts", f"{', '.join(names)} have the demo's public password", "manage.py changepassword NAME")
    if connection.vendor == "postgresql":
        yield from _check_postgresql()


def _check_postgresql() -> Iterator[Finding]:
    server = connection.get_database_version()
    if server < (14,):
        yield wrong("PostgreSQL", f"version {server[0]} is too old", "14 or newer")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
        cursor.execute("SHOW transaction_read_only")
        (read_only,) = cursor.fetchone()
    if read_only == "on":
        yield wrong(
            "PostgreSQL",
            "the database takes no changes: whatever is sent is refused",
            "a standby? Or ALTER DATABASE … RESET default_transaction_read_only",
        )
    if encoding != "UTF8":
        yield wrong("PostgreSQL", f"the database is {encoding}", "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0")
