"""The broker made of files: a worker never reads a message that is half written (which ends it)."""

import threading

import pytest
from kombu import Connection

MESSAGES = 60


@pytest.fixture
def broker(tmp_path) -> Connection:
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "processed_folder": str(tmp_path)}
    options = folders | {"control_folder": str(tmp_path / "control"), "polling_interval": 0.001}
    with Connection("filesystem://localhost", transport_options=options) as connection:
        yield connection


def test_what_is_read_while_it_is_written_is_whole(broker):
    long = "x" * 1_000_000  # long enough to be written in pieces
    read = []
    writer = threading.Thread(target=lambda: [broker.clone().SimpleQueue("q").put([n, long]) for n in range(MESSAGES)])
    queue = broker.SimpleQueue("q")
    writer.start()
    while len(read) < MESSAGES:
        message = queue.get(timeout=10)
        read.append(message.payload)
        message.ack()
    writer.join()
    assert sorted(n for n, _text in read) == list(range(MESSAGES))
    assert all(text == long for _n, text in read)
