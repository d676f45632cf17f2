"""The broker made of files: a message is there whole or not at all, and one that is not ends no worker."""

import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from config.celery import app
from config.message_files import Channel

MESSAGES = 60


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    return tmp_path / "queue"


@pytest.fixture
def channel(folder):
    assert app  # which names the transport
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder.parent / "control"}
    with Connection("filesystem://", transport_options={name: str(place) for name, place in options.items()}) as made:
        assert isinstance(made.default_channel, Channel)
        yield made.default_channel


def test_a_message_arrives_once(channel):
    channel._put("jobs", {"id": 7})
    assert channel._get("jobs") == {"id": 7}
    with pytest.raises(Empty):
        channel._get("jobs")


def test_what_is_read_while_it_is_written_is_whole(channel):
    long = "x" * 1_000_000  # long enough to be written in pieces
    read: list[list] = []
    writer = threading.Thread(target=lambda: [channel._put("jobs", [n, long]) for n in range(MESSAGES)])
    writer.start()
    while len(read) < MESSAGES and (writer.is_alive() or list(Path(channel.data_folder_in).iterdir())):
        try:
            read.append(channel._get("jobs"))
        except Empty:
            continue
    writer.join()
    assert sorted(n for n, _text in read) == list(range(MESSAGES))
    assert all(text == long for _n, text in read)


@pytest.mark.parametrize("text", ["", '{"body": "W3', "\x00\x00"])
def test_a_message_that_is_not_whole_is_passed_over(channel, folder, text):
    (folder / "0_x.jobs.msg").write_text(text)
    channel._put("jobs", {"id": 8})
    with pytest.raises(Empty):
        channel._get("jobs")
    assert channel._get("jobs") == {"id": 8}


def test_a_full_disk_leaves_nothing_behind(channel, folder, monkeypatch):
    def full(self, data):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ChannelError, match="No space left"):
        channel._put("jobs", {"id": 9})
    assert list(folder.iterdir()) == []
