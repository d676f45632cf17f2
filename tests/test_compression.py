"""Pages go out with Brotli where the browser takes it, else with gzip, else plain; their lengths are blurred."""

import gzip

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from config.compression import CompressionMiddleware

PAGE = "<!doctype html><title>Größe</title>" + "<p>The same again and again.</p>" * 100


def answer(accepts: str, response=None):
    made = response or HttpResponse(PAGE)
    return CompressionMiddleware(lambda _request: made)(RequestFactory().get("/", headers={"accept-encoding": accepts}))


@pytest.mark.parametrize("accepts", ["gzip, deflate, br, zstd", "br", "br;q=0.5, gzip"])
def test_brotli_where_the_browser_takes_it(accepts):
    response = answer(accepts)
    assert response["Content-Encoding"] == "br"
    assert response["Vary"] == "Accept-Encoding"
    assert int(response["Content-Length"]) == len(response.content) < len(PAGE) / 5
    assert brotli.decompress(response.content).decode().startswith(PAGE)


@pytest.mark.parametrize("accepts", ["gzip, deflate", "gzip, br;q=0", "br;q=0.0, gzip", "vibr, gzip"])
def test_gzip_elsewhere(accepts):
    response = answer(accepts)
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content).decode() == PAGE


def test_plain_where_nothing_is_accepted():
    assert answer("identity").content.decode() == PAGE


def test_the_length_of_a_page_does_not_tell_what_is_in_it():
    assert len({len(answer("br").content) for _ in range(60)}) > 20


def test_a_file_to_download_stays_as_it_is():
    csv = "a,b\n" * 400
    response = answer("br", HttpResponse(csv, content_type="text/csv"))
    assert brotli.decompress(response.content).decode() == csv


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("short"),
        StreamingHttpResponse(["x" * 900]),
        HttpResponse(b"x" * 900, headers={"Content-Encoding": "zstd"}),
    ],
)
def test_left_alone_by_brotli(response):
    assert answer("br", response).get("Content-Encoding") in (None, "zstd")


def test_an_etag_becomes_weak_because_the_bytes_are_others():
    assert answer("br", HttpResponse(PAGE, headers={"ETag": '"a"'}))["ETag"] == 'W/"a"'
