"""`make test`: every test on SQLite, then those that touch the database on PostgreSQL where there is one.

With CI=true a missing browser or server fails; elsewhere what it leaves untested is said at the end.
"""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tools.chromium import ensure_chromium

CI = os.environ.get("CI") == "true"
NO_TESTS = 5  # pytest's exit code
LOCAL_SERVERS = ("postgres:///postgres", "postgres://postgres@127.0.0.1/postgres")
HOW = "start PostgreSQL, or set DATABASE_URL=postgres://user:password@host/postgres (one who may create databases)"
# What a developer's shell may hold for `make run` must not reach a test.
OUR_VARIABLES = {
    *("DATABASE_URL", "DATA_DIR", "BROKER_URL", "EMAIL_URL", "SECRET_KEY", "PRODUCTION", "DEBUG", "DEMO", "PORT"),
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEFAULT_FROM_EMAIL", "TIME_ZONE", "BEHIND_PROXY", "HSTS_SECONDS"),
    *("CACHE_URL", "METRICS_TOKEN", "SITE_URL", "HOOK_HOSTS"),
}


def main(arguments: list[str]) -> int:
    ensure_chromium()
    results = {"SQLite": pytest("SQLite", arguments)}
    server = find_postgresql()
    if server:
        results["PostgreSQL"] = on_postgresql(server, arguments)
    elif CI:
        results["PostgreSQL"] = 1
    print()
    for name, code in results.items():
        print(f"{name}: {'passed' if code == 0 else f'FAILED (pytest ended with {code})'}")
    if not server:
        print(f"PostgreSQL: {'FAILED' if CI else 'NOT TESTED'}, none found that may create databases. To fix: {HOW}")
    return max(results.values())


def pytest(name: str, arguments: list[str], *options: str, **environment: str) -> int:
    print(f"\n=== tests on {name} ===", flush=True)
    clean = {key: value for key, value in os.environ.items() if key not in OUR_VARIABLES}
    # A file's tests stay on one core: they may share what is costly to set up.
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "loadfile", *options, *arguments]
    return subprocess.run(command, env={**clean, **environment}, check=False).returncode


def on_postgresql(server: str, arguments: list[str]) -> int:
    database = f"limiting_factor_{os.getpid()}"  # its tests' name begins with test_; nobody else's data has it
    url = another_database(server, database)
    try:
        code = pytest("PostgreSQL", arguments, "--database-only", DATABASE_URL=url)
    finally:
        drop_leftovers(server, f"test_{database}")
    return 0 if code == NO_TESTS else code


def find_postgresql() -> str | None:
    """The address of a server where this account may create databases, or None.

    The database that DATABASE_URL names may be still to be made, as that of the tests is.
    """
    named = os.environ.get("DATABASE_URL", "")
    candidates: tuple[str, ...] = LOCAL_SERVERS
    if named.startswith(("postgres://", "postgresql://")):
        candidates = (named, another_database(named, "postgres"))
    return next((url for url in candidates if may_create_databases(url)), None)


def another_database(url: str, name: str) -> str:
    """The address of a database of that name on the same server."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")


def may_create_databases(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            query = "SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolcreatedb OR rolsuper)"
            return connection.execute(query).fetchone() is not None
    except psycopg.OperationalError:
        return False


def drop_leftovers(server: str, prefix: str) -> None:
    """An interrupted run leaves its databases, one for each core."""
    with psycopg.connect(server, autocommit=True) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        for (name,) in names.fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
