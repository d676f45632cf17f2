"""The public address, asked as a browser would: TLS, redirects, the name, and whether a form is taken."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

from reviews.doctor.findings import Finding, fine, wrong

PATIENCE = 10  # seconds
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
LOGIN = "/accounts/login/"


def check_address(url: str) -> Iterator[Finding]:
    """Open the sign-in page and send it empty: nobody is signed in, and no guess is counted."""
    base = url.rstrip("/")
    if not base.startswith(("https://", "http://")):
        yield wrong("Address", f"{url} is no address", "--url https://factor.example.org")
        return
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    try:
        with browser.open(base + LOGIN, timeout=PATIENCE) as answer:
            page, reached = answer.read().decode(errors="replace"), answer.geturl()
    except (OSError, http.client.HTTPException) as error:
        yield explain(error, base)
        return
    token = TOKEN.search(page)
    if not token:
        yield wrong("Address", f"{base} answers with a page of something else", "the proxy leads elsewhere")
        return
    origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(reached))
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], "login": "", "password": ""}).encode()
    request = urllib.request.Request(  # noqa: S310  (checked above)
        origin + LOGIN, form, {"Origin": origin, "Referer": reached}
    )
    try:
        with browser.open(request, timeout=PATIENCE):
            yield fine("Address", f"{origin}: pages open and forms are taken")
    except urllib.error.HTTPError as error:
        if error.code == 422:
            yield fine("Address", f"{origin}: pages open and forms are taken")
        else:
            yield explain(error, origin)
    except (OSError, http.client.HTTPException) as error:
        yield explain(error, origin)


def explain(error: Exception, base: str) -> Finding:
    code = getattr(error, "code", None)
    if code == 403:
        return wrong(
            "Address",
            f"{base}: pages open, but every form is refused (403): the name or scheme reaches us changed",
            "have the proxy pass Host on and set X-Forwarded-Proto, with BEHIND_PROXY=1; "
            f"where it cannot, CSRF_TRUSTED_ORIGINS={base}",
        )
    if code == 400:
        return wrong("Address", f"{base} is refused (400)", "its name in ALLOWED_HOSTS; the proxy passes Host on")
    if code in (301, 302, 307, 308):
        return wrong(
            "Address",
            f"{base} redirects for ever: we are told that each request came without TLS",
            "BEHIND_PROXY=1, and X-Forwarded-Proto set by the proxy",
        )
    if code in (502, 503, 504):
        return wrong("Address", f"the proxy at {base} reaches no server ({code})", "start web; the port in the proxy")
    if code is not None:
        return wrong("Address", f"{base} answers {code}", "the log of web says why")
    reason = getattr(error, "reason", error)
    return wrong("Address", f"{base} cannot be reached: {reason}", "DNS, firewall, certificate of the proxy")
