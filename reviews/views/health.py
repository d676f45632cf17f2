import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.health import check_health
from reviews.metrics import as_text


@require_safe
@login_not_required
@never_cache
def healthz(request):
    """200 when every part is at work, else 503 and which one is not; for load balancers and monitors, so no login."""
    parts = check_health()
    failing = [part.name for part in parts if not part.ok]
    found = {
        "status": "failing" if failing else "ok",
        "failing": failing,
        "parts": {part.name: {"ok": part.ok, "says": part.says, "seconds_ago": part.age} for part in parts},
    }
    return JsonResponse(found, status=503 if failing else 200)


@require_safe
@login_not_required
@never_cache
def metrics(request):
    """For Prometheus, with the token as its bearer; without a token in the settings there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not secrets.compare_digest(request.headers.get("Authorization", "").encode(), _bearer()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    text, kind = as_text()
    return HttpResponse(text, content_type=kind)


def _bearer() -> bytes:
    return f"Bearer {settings.METRICS_TOKEN}".encode()
