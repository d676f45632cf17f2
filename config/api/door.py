"""Every address under /api/, whichever it is, so that what answers is loaded when it is first asked for."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import Resolver404, get_resolver
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

ADDRESSES = "config.api.urls"


@csrf_exempt  # config.api.auth asks for the token of whoever comes with a session
@login_not_required  # config.api.auth answers 401, where a page would be redirected
def api(request: HttpRequest, rest: str = "") -> HttpResponse:
    try:
        found = get_resolver(ADDRESSES).resolve(request.path_info) if rest else None
    except Resolver404:
        found = None
    if found is None:
        return refusal(404, "no_address", _("There is no such address. GET /api/openapi.json names them all."))
    asked = request.method
    request.method = "GET" if asked == "HEAD" else asked
    response = found.func(request, *found.args, **found.kwargs)
    request.method = asked  # what answers a HEAD leaves the body away
    if isinstance(response, HttpResponseNotAllowed):
        allowed = response.headers["Allow"]
        said = _("This address answers %(methods)s only.") % {"methods": allowed}
        response = refusal(405, "wrong_method", said, headers={"Allow": allowed})
    add_never_cache_headers(response)
    return response


def refusal(
    status: int, error: str, message: str, *, fields: dict | None = None, headers: dict | None = None
) -> JsonResponse:
    """Every refusal looks like this: `error` for programs, `message` says what to do, `fields` says where."""
    body = {"error": error, "message": message} | ({"fields": fields} if fields else {})
    return JsonResponse(body, status=status, headers=headers)
