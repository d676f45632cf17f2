"""A broker made of files, in which a message is seen when it is whole.

Kombu's own opens the file under its last name and then writes: a worker that looks in between reads nothing, and ends
(celery/kombu #1551).
"""

import time
import uuid
from pathlib import Path

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue, payload, **kwargs):
        whole = Path(self.data_folder_out, f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg")
        part = whole.with_suffix(".part")
        part.write_text(dumps(payload))
        part.rename(whole)


class Transport(filesystem.Transport):
    Channel = Channel
