"""Kombu's broker made of files, in which a message is there whole or not at all.

Kombu's own opens the file under its last name and then writes. A worker that looks in between reads nothing, and ends
(celery/kombu #1551); where the disk is full, the beginning of a message stays.
"""

import logging
from pathlib import Path
from queue import Empty
from time import monotonic
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    def _put(self, queue, payload, **kwargs):
        message = Path(self.data_folder_out) / f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        part = message.with_suffix(".part")
        try:
            part.write_bytes(str_to_bytes(dumps(payload)))
            part.rename(message)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ChannelError(f"A message cannot be left in {message.parent}: {error}") from error

    def _get(self, queue):
        """A message that cannot be read would end the worker. The database knows what is due: it is asked for again."""
        try:
            return super()._get(queue)
        except ValueError:
            log.exception("A message was not whole, and was thrown away")
            raise Empty from None


class Transport(filesystem.Transport):
    Channel = Channel


TRANSPORT_ALIASES["filesystem"] = "config.message_files:Transport"
