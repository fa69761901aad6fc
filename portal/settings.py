"""Settings: one file, read from the environment. `.env.example` lists and explains each value."""

import contextlib
import secrets
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import django_htmx
import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

django_stubs_ext.monkeypatch()  # lets ModelForm[Place] and its like be written at run time

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# Where it runs ---------------------------------------------------------------------------------

DJANGO_ENV = env.str("DJANGO_ENV", default="development")
if DJANGO_ENV not in {"development", "production"}:
    raise ImproperlyConfigured("DJANGO_ENV is either development or production.")
PRODUCTION = DJANGO_ENV == "production"
DEBUG = env.bool("DEBUG", default=False)
LOCAL_DIR = Path(env.str("LOCAL_DIR", default=str(BASE_DIR / ".local")))


def _secret(given: str, *, kept_as: str, size: int) -> str:
    """A secret from the environment; on a development machine one is made and kept."""
    if given or PRODUCTION:
        return given
    kept = LOCAL_DIR / kept_as
    if not kept.exists():
        LOCAL_DIR.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_name(f"{kept_as}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(size))
        with contextlib.suppress(FileExistsError):
            kept.hardlink_to(fresh)  # whoever is first wins; the others read what is there
        fresh.unlink()
    return kept.read_text()


SECRET_KEY = _secret(env.str("SECRET_KEY", default=""), kept_as="secret_key", size=50)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # old ones, still believed
SITE_NAME = env.str("SITE_NAME", default="Citizen Portal")
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip(
    "/"
)
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="contact@example.org")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname or "", "localhost", "127.0.0.1"]
)

# What it is made of ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "portal.site.apps.DeskConfig",  # django.contrib.admin, with our own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "memberships",
    "meetings",
    "portal.post.apps.PostConfig",
    "portal.site.apps.SiteConfig",
]

MIDDLEWARE = [
    "memberships.gate.pages.PublicPages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "memberships.gate.middleware.MembershipGate",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "portal.site.context.site",
            ],
        },
    },
]

# Where state lives -----------------------------------------------------------------------------

DATABASES = {
    "default": {
        **env.db("DATABASE_URL", default="postgres://localhost/citizen_portal"),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
}
REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(LOCAL_DIR / "media")))  # never served as such
INDEX_ROOT = Path(env.str("INDEX_ROOT", default=str(LOCAL_DIR / "index")))  # may be deleted
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(LOCAL_DIR / "static")))
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portal.site.packages.PackageFinder",
]
HTMX = "django_htmx/htmx-2.min.js"
# The only files that are taken from packages: where they are served, and where they lie.
NPM_ROOT = BASE_DIR / "node_modules"
NPM_FILES = {
    # Not from npm: a wheel brings it, among others that are not used.
    "vendor/htmx.js": str(Path(django_htmx.__file__).with_name("static") / HTMX),
    "vendor/pico.css": "@picocss/pico/css/pico.min.css",
    "vendor/inter-latin.woff2": ("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"),
    "vendor/inter-latin-ext.woff2": (
        "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2"
    ),
    "vendor/source-serif-latin.woff2": (
        "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2"
    ),
    "vendor/source-serif-latin-ext.woff2": (
        "@fontsource-variable/source-serif-4/files/source-serif-4-latin-ext-wght-normal.woff2"
    ),
    "vendor/source-serif-latin-italic.woff2": (
        "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-italic.woff2"
    ),
    "vendor/plyr.mjs": "plyr/dist/plyr.min.mjs",
    "vendor/plyr.css": "plyr/dist/plyr.css",
    "vendor/plyr.svg": "plyr/dist/plyr.svg",
    "vendor/hls.mjs": "hls.js/dist/hls.light.min.mjs",
    "vendor/tus.js": "tus-js-client/dist/tus.min.js",
    "vendor/tus.min.js.map": "tus-js-client/dist/tus.min.js.map",  # which it names
}


def _recordings() -> tuple[dict[str, object], list[str]]:
    """The storage of recordings, and the origin that players fetch from where it is a bucket."""
    bucket = env.str("MEDIA_BUCKET", default="")
    if not bucket:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}, []
    region = env.str("MEDIA_BUCKET_REGION", default="")
    endpoint = env.str("MEDIA_BUCKET_ENDPOINT", default="").rstrip("/")
    if not (region or endpoint):
        raise ImproperlyConfigured(
            "MEDIA_BUCKET goes with MEDIA_BUCKET_REGION, or with MEDIA_BUCKET_ENDPOINT."
        )
    from botocore.config import Config  # takes its time, so only who has a bucket waits for it

    amazon = "" if endpoint else f"s3.{region}.amazonaws.com"
    options = {
        "bucket_name": bucket,
        "region_name": region or "us-east-1",
        "endpoint_url": endpoint or f"https://{amazon}",
        "access_key": env.str("MEDIA_BUCKET_KEY_ID", default="") or None,
        "secret_key": env.str("MEDIA_BUCKET_SECRET", default="") or None,
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": "virtual" if amazon else "path"},
            connect_timeout=5,
            read_timeout=60,
            retries={"max_attempts": 5, "mode": "standard"},
            # Newer checksums are asked for where the service is known to know them.
            request_checksum_calculation="when_supported" if amazon else "when_required",
            response_checksum_validation="when_supported" if amazon else "when_required",
        ),
    }
    origin = (
        f"https://{bucket}.{amazon}" if amazon else urlsplit(endpoint)._replace(path="").geturl()
    )
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}, [origin]


_storage, MEDIA_ORIGINS = _recordings()
STORAGES = {
    "default": _storage,
    "staticfiles": {"BACKEND": "portal.site.packages.HashedStaticFiles"},
}

# Recordings ------------------------------------------------------------------------------------

FFMPEG = env.str("FFMPEG", default="")  # else the one that imageio-ffmpeg brings
FFMPEG_THREADS = env.int("FFMPEG_THREADS", default=0)  # 0: as many as there are processors
# How long an address of playback is good. Players fetch new ones while a membership lasts.
PLAYBACK_SECONDS = env.int("PLAYBACK_SECONDS", default=15 * 60)
# Where nginx finds MEDIA_ROOT, as an internal location; empty: this server sends files itself.
PLAYBACK_ACCEL = env.str("PLAYBACK_ACCEL", default="").rstrip("/")
# What staff may send through the browser, and what of the disk it leaves alone.
UPLOAD_MAX_GB = env.float("UPLOAD_MAX_GB", default=100.0)
UPLOAD_QUOTA_GB = env.float("UPLOAD_QUOTA_GB", default=200.0)
UPLOAD_SPARE_GB = env.float("UPLOAD_SPARE_GB", default=2.0)
UPLOAD_KEPT_HOURS = env.float("UPLOAD_KEPT_HOURS", default=72.0)
UPLOAD_PIECE_MB = env.int("UPLOAD_PIECE_MB", default=64)

# Speech recognition, for recordings without captions: the folder of a model. Empty: none.
SPEECH_MODEL = env.str("SPEECH_MODEL", default="")
SPEECH_MODEL_NAME = env.str("SPEECH_MODEL_NAME", default="")  # else the folder's own name
SPEECH_LANGUAGE = env.str("SPEECH_LANGUAGE", default="")  # else the one that is heard
SPEECH_THREADS = env.int("SPEECH_THREADS", default=0)  # 0: all processors, four at most

# A language model that writes articles and insights. Empty: the extractive writer does.
LLM_BASE_URL = env.str("LLM_BASE_URL", default="").rstrip("/")
LLM_MODEL = env.str("LLM_MODEL", default="")
LLM_API_KEY = env.str("LLM_API_KEY", default="")
LLM_TIMEOUT_S = env.float("LLM_TIMEOUT_S", default=120.0)  # at most 150: no worker stays silent
LLM_WINDOW_WORDS = env.int("LLM_WINDOW_WORDS", default=8_000)
# What a million tokens cost, so that the books say what an article took.
LLM_PRICE_IN = Decimal(env.str("LLM_PRICE_IN", default="0"))
LLM_PRICE_OUT = Decimal(env.str("LLM_PRICE_OUT", default="0"))
LLM_CURRENCY = env.str("LLM_CURRENCY", default="USD")

# Articles --------------------------------------------------------------------------------------

# The words of a meeting that articles show to everybody, so that each claim can be checked and the
# transcript stays what members have: beside one sentence, in one article, and the percentage of
# all that was said which all articles of a meeting show together.
EVIDENCE_WORDS_PER_MARK = env.int("EVIDENCE_WORDS_PER_MARK", default=40)
EVIDENCE_WORDS_PER_ARTICLE = env.int("EVIDENCE_WORDS_PER_ARTICLE", default=600)
EVIDENCE_PERCENT_OF_MEETING = env.float("EVIDENCE_PERCENT_OF_MEETING", default=15.0)

# How long the address of a reader who reported an error is kept: after the answer, and in any case.
REPORT_ADDRESS_DAYS = env.int("REPORT_ADDRESS_DAYS", default=30)
REPORT_ADDRESS_MAX_DAYS = env.int("REPORT_ADDRESS_MAX_DAYS", default=365)

# Clips -----------------------------------------------------------------------------------------

CLIP_MAX_SECONDS = env.int("CLIP_MAX_SECONDS", default=10 * 60)
CLIP_MAX_SPANS = env.int("CLIP_MAX_SPANS", default=20)  # parts of one clip
CLIPS_A_DAY = env.int("CLIPS_A_DAY", default=200)  # of one member: each takes a worker's time

# What signs the manifests of clips. Without one in production clips are cut, and carry no proof.
CLIP_SIGNING_KEY = _secret(
    env.str("CLIP_SIGNING_KEY", default=""), kept_as="clip_signing_key", size=32
)
CLIP_FORMER_KEYS = env.list("CLIP_FORMER_KEYS", default=[])  # public ones, still believed
VERIFY_MAX_MB = env.int("VERIFY_MAX_MB", default=1024)  # of a file that is sent to /verify/

# Tasks -----------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)

# Who people are --------------------------------------------------------------------------------

AUTH_USER_MODEL = "memberships.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Staff reach the admin with a second factor only. A development machine may do without.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=PRODUCTION)

# Sign-up and sign-in by a six-digit code sent by e-mail; the rest can be added in the account.
ACCOUNT_ADAPTER = "memberships.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "memberships.accounts.forms.SignInForm",
    "request_login_code": "memberships.accounts.forms.AskForCodeForm",
    "signup": "memberships.accounts.forms.SignUpForm",
    "add_email": "memberships.accounts.forms.NewAddressForm",
    "reset_password": "memberships.accounts.forms.NewPasswordForm",
    "confirm_login_code": "memberships.accounts.forms.SignInCodeForm",
    "confirm_email_verification_code": "memberships.accounts.forms.AddressCodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]  # no password: with it the sign-in page would ask for one
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True  # no link in a mail, so none to be forged
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True  # one address for each person
ACCOUNT_EMAIL_NOTIFICATIONS = True  # what changes how one signs in is told by e-mail
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"find_refund": "20/h/ip"}  # besides allauth's own
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

# What the rooms know about a person: for the file of one's own data, and for closing the account.
ACCOUNT_DATA_SOURCES = [
    "meetings.alerts.own_data.alerts",
    "meetings.alerts.own_data.ways_of_telling",
    "meetings.articles.own_data.error_reports",
    "meetings.clips.own_data.clips",
    "meetings.clips.own_data.reports",
]
ACCOUNT_DATA_ERASERS = [
    "meetings.alerts.services.forget",
    "meetings.articles.own_data.forget",
    "meetings.clips.services.forget",
]

# The gate: routes of others, by namespace or first path segment, and what a kept page depends on.
GATE_STAFF_ROUTES = ("admin",)
GATE_DELEGATED_ROUTES = ("accounts",)  # allauth decides for itself
GATE_PAGE_VARIANT = "portal.site.preferences.variant"

# Search ----------------------------------------------------------------------------------------

# How often one address may search without a membership: enough to look around, and too little to
# ask a transcript's words one by one whether they are there.
SEARCHES_A_MINUTE = env.int("SEARCHES_A_MINUTE", default=30)
SEARCHES_A_DAY = env.int("SEARCHES_A_DAY", default=300)

# Alerts ----------------------------------------------------------------------------------------

# Meetings that were held longer ago tell nobody, so that bringing in an archive is no flood.
ALERT_MAX_AGE_DAYS = env.int("ALERT_MAX_AGE_DAYS", default=30)
# Of one meeting so many moments are kept for an alert; of the others it is told how many there are.
ALERT_MOMENTS_A_MEETING = env.int("ALERT_MOMENTS_A_MEETING", default=3)
# An alert that more moments would have met within 90 days is refused: nobody could read them.
ALERT_MOST_MOMENTS = env.int("ALERT_MOST_MOMENTS", default=2_000)
ALERTS_A_MEMBER = env.int("ALERTS_A_MEMBER", default=100)

# Open data -------------------------------------------------------------------------------------

# What may be done with the data, as the data page and every snapshot say it, and where that is
# written in full.
DATA_LICENSE = env.str(
    "DATA_LICENSE",
    default="You may copy, change and share these data for any purpose, if you name the source.",
)
DATA_LICENSE_URL = env.str("DATA_LICENSE_URL", default="")
DATA_SNAPSHOTS_KEPT = max(env.int("DATA_SNAPSHOTS_KEPT", default=3), 1)  # nights
# How long an address of a download is good. A download that breaks off is gone on with by then.
DATA_LINK_HOURS = env.float("DATA_LINK_HOURS", default=24.0)
# How often programs may ask the API: a member's token, and an address without one.
API_MEMBER_A_MINUTE = env.int("API_MEMBER_A_MINUTE", default=1_200)
API_VISITOR_A_MINUTE = env.int("API_VISITOR_A_MINUTE", default=120)

# Payments --------------------------------------------------------------------------------------

# Without a key a development machine sells through the sandbox, which runs beside it one port up.
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_SANDBOX = not PRODUCTION and not STRIPE_SECRET_KEY
if STRIPE_SANDBOX:
    STRIPE_SECRET_KEY = "sk_test_sandbox"  # noqa: S105 - opens the sandbox and nothing else
STRIPE_LIVEMODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
# What signs the events: several while one is being replaced by another.
STRIPE_WEBHOOK_SECRETS = env.list(
    "STRIPE_WEBHOOK_SECRETS", default=["whsec_sandbox"] if STRIPE_SANDBOX else []
)
STRIPE_API_BASE = env.str(
    "STRIPE_API_BASE",
    default=f"http://127.0.0.1:{env.int('PORT', default=8000) + 1}" if STRIPE_SANDBOX else "",
).rstrip("/")

# Where the buyer's browser is sent to pay. An account may have a domain of its own for it.
STRIPE_CHECKOUT_ORIGIN = env.str(
    "STRIPE_CHECKOUT_ORIGIN", default=STRIPE_API_BASE or "https://checkout.stripe.com"
).rstrip("/")
# Whether Stripe reckons the tax within the price. It needs registrations in the account.
STRIPE_TAX = env.bool("STRIPE_TAX", default=False)
# Who sells: what receipts and credit notes say. Their numbers are counted for each legal entity.
SELLER = {
    "entity": env.str("SELLER_ENTITY", default="main"),
    "name": env.str("SELLER_NAME", default=SITE_NAME),
    "address": env.str("SELLER_ADDRESS", default="").replace("\\n", "\n"),
    "country": env.str("SELLER_COUNTRY", default=""),
    "vat_id": env.str("SELLER_VAT_ID", default=""),
    "registered": env.str("SELLER_REGISTERED", default=""),
}

# Mail ------------------------------------------------------------------------------------------

# On a development machine mail that would be printed is kept in a folder as well.
MAIL_FOLDER = LOCAL_DIR / "mail"
_mail = env.email("EMAIL_URL", default="consolemail://")
if not PRODUCTION and _mail["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend":
    _mail["EMAIL_BACKEND"] = "portal.post.development.EmailBackend"
vars().update(_mail)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{SITE_NAME} <{CONTACT_EMAIL}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10

# Members' webhooks are called on the public internet alone. A development machine may call itself.
WEBHOOK_LOOPBACK = env.bool("WEBHOOK_LOOPBACK", default=False) and not PRODUCTION

# The admin ------------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": SITE_NAME,
    "SITE_HEADER": SITE_NAME,
    "SITE_SYMBOL": "account_balance",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("icon.svg")}
    ],
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "4px",
    "COLORS": {  # the municipal green of the site
        "primary": {
            "50": "oklch(97% .015 170)",
            "100": "oklch(94% .03 170)",
            "200": "oklch(89% .06 170)",
            "300": "oklch(82% .09 170)",
            "400": "oklch(74% .11 170)",
            "500": "oklch(55% .09 170)",
            "600": "oklch(43% .075 170)",
            "700": "oklch(37% .065 170)",
            "800": "oklch(31% .05 170)",
            "900": "oklch(27% .045 170)",
            "950": "oklch(20% .03 170)",
        },
    },
}

# Safety ----------------------------------------------------------------------------------------

SECURE_COOKIES = SITE_URL.startswith("https://")
if PRODUCTION and not SECURE_COOKIES:
    raise ImproperlyConfigured("In production SITE_URL begins with https://.")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 63_072_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies in front add to X-Forwarded-For; 0 takes the address of the connection.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if env.bool("BEHIND_PROXY", False) else 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES  # whose address the rate limits count

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "media-src": [SELF, "blob:", *MEDIA_ORIGINS],
        "connect-src": [SELF, *MEDIA_ORIGINS],
        "worker-src": [SELF, "blob:"],
        "img-src": [SELF, "data:", *MEDIA_ORIGINS],
        "font-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # Browsers hold a form's redirect to this as well, and buying ends in one to Stripe.
        "form-action": [SELF, STRIPE_CHECKOUT_ORIGIN],
    }
}

FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# Logs ------------------------------------------------------------------------------------------

# What fails goes to standard output, once. Addresses that open something by themselves never do.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_keys": {"()": "portal.logs.WithoutKeys"}},
    "handlers": {
        "out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "level": "ERROR"}
    },
    "loggers": {
        "django": {"handlers": ["out"], "level": "INFO"},
        "django.request": {"filters": ["without_keys"]},
        "django.security.DisallowedHost": {"filters": ["without_keys"]},
        "django.security.SuspiciousOperation": {"filters": ["without_keys"]},
        "django.security.csrf": {"filters": ["without_keys"]},
    },
}

# Language and time -----------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = True
FORMAT_MODULE_PATH = ["portal.formats"]  # days with the month as a whole word
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# Tests -----------------------------------------------------------------------------------------

SAMPLE_DATA = Path(env.str("SAMPLE_DATA", default=str(BASE_DIR / ".." / "shared" / "data")))
STRIPE_OPENAPI = Path(
    env.str(
        "STRIPE_OPENAPI",
        default=str(BASE_DIR / ".." / "shared" / "stripe" / "stripe-openapi-subset.json"),
    )
)
