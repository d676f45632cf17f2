"""Settings, addresses and processes of Limiting Factor.

Debian's SQLite has the WAL-reset bug (fixed in 3.51.3, https://www.sqlite.org/wal.html#walresetbug), so a newer one
from the wheel takes its place before Django imports it.
"""

import sys

try:
    import pysqlite3
    import pysqlite3.dbapi2
except ImportError:  # no wheel for this platform: `start` says which version runs
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

from config.celery import app as celery_app

__all__ = ["celery_app"]
