"""One settings file, from the environment; docs/configuration.md lists every variable.

The default is embedded: SQLite and a broker made of files, both under `DATA_DIR`, reachable from this machine only.
`PRODUCTION=1` refuses to start without the addresses and secrets that a public server needs.
"""

import os
import sys
from pathlib import Path
from tempfile import gettempdir, mkdtemp

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.secret import load_or_make_secret_key
from config.slim import import_when_used, leave_out

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

PRODUCTION = env.bool("PRODUCTION", False)
DEBUG = env.bool("DEBUG", False) and not PRODUCTION
TESTING = "pytest" in sys.modules

# A test run has a folder of its own, which tests/conftest.py removes: two runs, or one beside `start`, share nothing.
DATA_DIR = Path(mkdtemp(prefix="limiting-factor-tests-") if TESTING else env.str("DATA_DIR", str(BASE_DIR / "var")))
DATA_DIR = DATA_DIR.resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

if PRODUCTION:
    missing = [name for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "BROKER_URL") if not env.str(name, "")]
    if missing:
        raise ImproperlyConfigured(f"PRODUCTION=1 needs {', '.join(missing)}: see docs/configuration.md")
SECRET_KEY = env.str("SECRET_KEY", "") or load_or_make_secret_key(DATA_DIR / "secret_key")
PORT = env.str("PORT", "8000")  # checked by `start`, the only one that listens
DEMO = env.bool("DEMO", True)  # `start` loads the demo into an empty database
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
# Where links in mail lead; a worker has no request to tell it from.
SITE_URL = env.str("SITE_URL", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else f"http://127.0.0.1:{PORT}").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_filters",
    "django_tables2",
    "crispy_forms",
    "crispy_bootstrap5",
    "projects",
    "reviews",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.same_origin_only",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.zones.reader_zone",
    "config.refusals.count_refusals",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# ---- data ----------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'limiting_factor.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A read that becomes a write inside a DEFERRED transaction fails with "locked" instead of waiting.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-4000;",
    }
    leave_out("django.contrib.postgres.fields")  # django-tables2 would take it, and the driver of PostgreSQL with it
    # The live server and the test share one database from two threads: a file, never memory.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 10)  # seconds; libpq's own is for ever
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by every web process: it holds the counts that slow down guessing.
CACHES = {"default": env.cache_url("CACHE_URL", default="dbcache://cache")}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache":
    # Past this number old entries go: enough that a flood of names cannot push out a count.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 100_000}

# What pages are made of, drawn once for all web processes of this machine (projects/shelf.py). Not in tests, where
# each process has what it drew itself.
KEPT_FILE = None if TESTING else DATA_DIR / "kept.sqlite3"

# ---- accounts ------------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["config.accounts.backend.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "board"
ACCOUNT_ADAPTER = "config.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_USERNAME_VALIDATORS = "config.accounts.adapter.USERNAME_VALIDATORS"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = True  # one address; a new one takes its place once it is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"login": None}  # config.accounts.throttle counts the wrong passwords instead
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
import_when_used("allauth.mfa.webauthn.internal.auth")  # not a type of ours: with it come fido2 and cryptography
MFA_TOTP_ISSUER = "Limiting Factor"
MFA_TOTP_TOLERANCE = 1  # the step before and after: clocks differ
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up by themselves, so no address here is a stranger's
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0  # the last entry of X-Forwarded-For is that proxy's own
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "limiting-factor@localhost")
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds, of each step of a conversation
HOOK_HOSTS = env.list("HOOK_HOSTS", default=[])  # chat servers inside the own network, which no other address may name

# ---- jobs ----------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = "memory://" if TESTING else env.str("BROKER_URL", "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem://"):
    folders = {name: DATA_DIR / "broker" / name for name in ("queue", "processed", "control")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(folders["queue"]),
        "data_folder_out": str(folders["queue"]),
        "processed_folder": str(folders["processed"]),
        "control_folder": str(folders["control"]),
        "store_processed": False,
        "polling_interval": 0.2,  # seconds; its default is 1
    }
CELERY_TASK_IGNORE_RESULT = True  # the database is the truth; a broker only wakes workers
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.beat.Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
# Of what is asked for so often, those that a stopped worker has not read yet would only be in its way.
A_MINUTE = {"expires": 55}
CELERY_BEAT_SCHEDULE = {
    "refit-everything": {"task": "reviews.tasks.refit_everything", "schedule": crontab(hour=0, minute=20)},
    "seal-history": {"task": "reviews.tasks.seal_history", "schedule": crontab(), "options": A_MINUTE},
    "verify-history": {"task": "reviews.tasks.verify_history", "schedule": crontab(hour=1, minute=10)},
    "judge-everything": {"task": "reviews.tasks.judge_everything", "schedule": crontab(hour=2, minute=10)},
    "audit-everything": {"task": "reviews.tasks.audit_everything", "schedule": crontab(hour=1, minute=40)},
    "remove-abandoned-archives": {
        "task": "reviews.tasks.remove_abandoned_archives",
        "schedule": crontab(minute="*/10"),
    },
    "fall-back-cadences": {"task": "reviews.tasks.fall_back_cadences", "schedule": crontab(minute=10)},
    "take-up-uploads": {"task": "reviews.tasks.take_up_uploads", "schedule": crontab(), "options": A_MINUTE},
    "take-up-nights": {"task": "reviews.tasks.take_up_nights", "schedule": crontab(), "options": A_MINUTE},
    "pulse": {"task": "reviews.tasks.pulse", "schedule": 30.0, "options": {"expires": 30}},
    "tidy-job-runs": {"task": "reviews.tasks.tidy_job_runs", "schedule": crontab(minute="7-59/10")},
    "watch-programs": {"task": "reviews.tasks.watch_programs", "schedule": crontab(minute="*/5")},
    "sweep-deliveries": {"task": "reviews.tasks.sweep_deliveries", "schedule": crontab(), "options": A_MINUTE},
    "refit-what-is-behind": {"task": "reviews.tasks.refit_what_is_behind", "schedule": crontab(minute="*/5")},
}

# ---- files that are sent ---------------------------------------------------------------------------------------------

FILE_UPLOAD_HANDLERS = ["reviews.uploadhandler.BoundedUpload"]

# ---- pages ---------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "UTC")

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "config.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
WHITENOISE_AUTOREFRESH = TESTING or DEBUG

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "_table.html"

# ---- safety --------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "projects.views.errors.csrf_failure"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Without the time: what runs the process writes it (`start` here, journald and its like in production).
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
# ---- what watches it -------------------------------------------------------------------------------------------------

# Asked by machines inside the network, which have no certificate for it.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# All workers of one web server have one parent. prometheus_client reads the variable when it is imported.
METRICS_FOLDER = Path(gettempdir()) / f"limiting-factor-metrics-{os.getuid()}-{os.getppid()}"
if METRICS_TOKEN:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_FOLDER)
    MIDDLEWARE.insert(0, "config.metrics.measure")

if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
