"""What every answer says beside Django's own headers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def same_origin_only(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: no other site may load an answer into itself, not even as a picture or a script."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return answer
