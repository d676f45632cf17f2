"""How a file that is sent reaches the disk: as a stream, and no more of it than its page takes."""

from collections.abc import Callable
from typing import TypeVar

from django.core.files.uploadhandler import TemporaryFileUploadHandler

from reviews.imports.limits import MOST_BYTES

V = TypeVar("V", bound=Callable)


def takes_files(most_bytes: int) -> Callable[[V], V]:
    """A view that takes files of up to so many bytes; every other takes MOST_BYTES."""

    def mark(view: V) -> V:
        view.most_bytes = most_bytes
        return view

    return mark


class BoundedUpload(TemporaryFileUploadHandler):
    """Beyond what the view takes the rest is thrown away as it comes, so that the page can still say why it refuses.

    `StopUpload` would do that too, but then Django reads the rest by lines, and one without an end fills the memory.
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        self.announced = content_length
        view = self.request.resolver_match.func if self.request.resolver_match else None
        self.most = getattr(view, "most_bytes", MOST_BYTES)

    def receive_data_chunk(self, raw_data, start):
        if start + len(raw_data) > self.most:
            self.request.upload_cut_off = max(self.announced, start + len(raw_data))
        if not was_cut_off(self.request):
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size):
        if was_cut_off(self.request):
            self.file.close()
            return None
        return super().file_complete(file_size)


def was_cut_off(request) -> int:
    """How many bytes the file had that was sent and not taken; 0 where none was."""
    return getattr(request, "upload_cut_off", 0)
