"""What Mozilla's HTTP Observatory would say of an answer, computed here.

Rules and points are those that MDN publishes ("HTTP Observatory Scoring Methodology", "Tests & Scoring", with the
score table of mdn-http-observatory where the page is behind it). A site begins with 100; what a rule finds wanting is
taken off; the bonuses count only where 90 is left. Not told from an answer alone, and so never given: the five points
of a site on the browsers' own HSTS list.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import Morsel

SIX_MONTHS = 15_768_000  # seconds
BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*"}
INLINE = {"'unsafe-inline'", "data:"}
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
UNSAFE = {"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"}


@dataclass(frozen=True)
class Answer:
    """What came over HTTPS, and where plain HTTP led."""

    headers: dict[str, str]  # names in lower case
    cookies: list[Morsel] = field(default_factory=list)
    html: str = ""
    http_location: str = ""


@dataclass(frozen=True)
class Finding:
    rule: str
    result: str
    points: int


def score(answer: Answer) -> tuple[int, list[Finding]]:
    """The points of an answer, and what each rule gave."""
    findings = [rule(answer) for rule in RULES]
    base = 100 + sum(one.points for one in findings if one.points < 0)
    bonus = sum(one.points for one in findings if one.points > 0)
    return max(base + bonus if base >= 90 else base, 0), findings


def read_policy(header: str) -> dict[str, set[str]]:
    directives: dict[str, set[str]] = {}
    for part in filter(None, map(str.strip, header.split(";"))):
        name, *sources = part.split()
        directives.setdefault(name.lower(), {source.lower() for source in sources} or {"'none'"})
    return directives


def content_security_policy(answer: Answer) -> Finding:
    def found(result: str, points: int) -> Finding:
        return Finding("content-security-policy", result, points)

    policy = read_policy(answer.headers.get("content-security-policy", ""))
    if not policy:
        return found("not implemented", -25)
    anything = policy.get("default-src", {"*"})
    scripts, objects, styles = (policy.get(name, anything) for name in ("script-src", "object-src", "style-src"))
    passive = policy.get("img-src", anything) | policy.get("media-src", anything)
    active = set().union(*(policy[name] for name in policy if name not in ("img-src", "media-src")))
    if scripts & (BROAD | INLINE) or objects & BROAD:
        return found("unsafe inline", -20)
    if any(source.startswith(("http:", "ftp:")) for source in active):
        return found("insecure scheme", -20)
    if "'unsafe-eval'" in scripts | styles:
        return found("unsafe eval", -10)
    if any(source.startswith(("http:", "ftp:")) for source in passive):
        return found("insecure scheme in passive content", -10)
    if styles & (BROAD | INLINE):
        return found("unsafe inline in style-src only", 0)
    if anything == {"'none'"}:
        return found("no unsafe, default-src none", 10)
    return found("no unsafe", 5)


def cookies(answer: Answer) -> Finding:
    def found(result: str, points: int) -> Finding:
        return Finding("cookies", result, points)

    if not answer.cookies:
        return found("none", 0)
    protected = strict_transport_security(answer).points >= 0
    worst, all_same_site = found("secure, session cookies HttpOnly", 0), True
    for cookie in answer.cookies:
        name, same_site = cookie.key.lower(), cookie["samesite"].lower()
        is_session = "sess" in name or "login" in name
        wrong = []
        if not cookie["secure"]:
            wrong.append(found(f"{name} without Secure", -5 if protected else -20))
        if same_site not in ("", "lax", "strict", "none") or (same_site == "none" and not cookie["secure"]):
            wrong.append(found(f"{name} with an invalid SameSite", -20))
        if "csrf" in name and not same_site:
            wrong.append(found(f"{name} without SameSite", -20))
        if is_session and not cookie["secure"]:
            wrong.append(found(f"session cookie {name} without Secure", -10 if protected else -40))
        if is_session and not cookie["httponly"]:
            wrong.append(found(f"session cookie {name} without HttpOnly", -30))
        worst = min([worst, *wrong], key=lambda one: one.points)
        all_same_site = all_same_site and bool(same_site)
    if worst.points == 0 and all_same_site:
        return found("secure, session cookies HttpOnly, all with SameSite", 5)
    return worst


def cross_origin_sharing(answer: Answer) -> Finding:
    allowed = answer.headers.get("access-control-allow-origin", "")
    if not allowed:
        return Finding("cross-origin-resource-sharing", "not implemented", 0)
    with_credentials = answer.headers.get("access-control-allow-credentials", "").lower() == "true"
    return Finding("cross-origin-resource-sharing", f"open to {allowed}", -50 if with_credentials else 0)


def redirection(answer: Answer) -> Finding:
    if answer.http_location.startswith("https://"):
        return Finding("redirection", "to https", 0)
    return Finding("redirection", "missing or not to https", -20)


def referrer_policy(answer: Answer) -> Finding:
    sent = answer.headers.get("referrer-policy", "")
    value = sent.split(",")[-1].strip().lower()  # the last that a browser knows counts
    if not sent:
        return Finding("referrer-policy", "not implemented", 0)
    if value in PRIVATE:
        return Finding("referrer-policy", "private", 5)
    return Finding("referrer-policy", "unsafe" if value in UNSAFE else "invalid", -5)


def strict_transport_security(answer: Answer) -> Finding:
    sent = answer.headers.get("strict-transport-security", "")
    age = re.search(r"\bmax-age=\"?(\d+)", sent, re.IGNORECASE)
    if not age:
        return Finding("strict-transport-security", "invalid" if sent else "not implemented", -20)
    if int(age[1]) < SIX_MONTHS:
        return Finding("strict-transport-security", "less than six months", -10)
    return Finding("strict-transport-security", "at least six months", 0)


class Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag, attrs):
        if tag == "script" and dict(attrs).get("src"):
            self.found.append(dict(attrs))


def subresource_integrity(answer: Answer) -> Finding:
    def found(result: str, points: int) -> Finding:
        return Finding("subresource-integrity", result, points)

    parser = Scripts()
    parser.feed(answer.html)
    foreign = [script for script in parser.found if re.match(r"(https?:)?//", script["src"] or "")]
    if any(not (script["src"] or "").startswith("https:") for script in foreign):
        return found("scripts from elsewhere, not over https", -20 if all(s.get("integrity") for s in foreign) else -50)
    if any(not script.get("integrity") for script in foreign):
        return found("scripts from elsewhere without integrity", -5)
    if any(script.get("integrity") for script in parser.found):
        return found("implemented", 5)
    return found("all scripts are our own" if parser.found else "no scripts", 0)


def content_type_options(answer: Answer) -> Finding:
    right = answer.headers.get("x-content-type-options", "").strip().lower() == "nosniff"
    return Finding("x-content-type-options", "nosniff" if right else "missing or invalid", 0 if right else -5)


def frame_options(answer: Answer) -> Finding:
    ancestors = read_policy(answer.headers.get("content-security-policy", "")).get("frame-ancestors")
    if ancestors and not ancestors & BROAD:
        return Finding("x-frame-options", "by frame-ancestors", 5)
    right = answer.headers.get("x-frame-options", "").strip().lower() in ("deny", "sameorigin")
    return Finding("x-frame-options", "deny or sameorigin" if right else "missing or invalid", 0 if right else -20)


def cross_origin_resource_policy(answer: Answer) -> Finding:
    sent = answer.headers.get("cross-origin-resource-policy", "").strip().lower()
    points = {"": 0, "same-origin": 10, "same-site": 10, "cross-origin": 0}.get(sent, -5)
    return Finding("cross-origin-resource-policy", sent or "not implemented", points)


RULES = (
    content_security_policy,
    cookies,
    cross_origin_sharing,
    redirection,
    referrer_policy,
    strict_transport_security,
    subresource_integrity,
    content_type_options,
    frame_options,
    cross_origin_resource_policy,
)
