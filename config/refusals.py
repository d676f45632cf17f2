"""After each request, what its memo gate refused is counted: outside the transaction that was undone."""

from projects.services.refusals import flush


def count_refusals(get_response):
    def middleware(request):
        response = get_response(request)
        flush()
        return response

    return middleware
