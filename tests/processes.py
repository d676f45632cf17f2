"""Looks at real processes from outside, by way of Linux's /proc."""

import os
import socket
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path


def wait_until(true: Callable[[], object], *, seconds: float, what: str, each: float = 0.05) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, f"not within {seconds} s: {what}"
        time.sleep(each)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_with(variable: str, value: str) -> dict[int, str]:
    """Process id and command of every living process with this variable in its environment."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{variable}={value}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if command:  # a zombie has none
                    found[int(folder.name)] = command
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


def listening(pids: set[int]) -> set[tuple[IPv4Address | IPv6Address, int]]:
    """Addresses and ports on which these processes listen."""
    inodes = {inode for pid in pids for inode in socket_inodes(pid)}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == "0A" and rest[5] in inodes:
                address, port = local.split(":")
                found.add((to_address(address), int(port, 16)))
    return found


def socket_inodes(pid: int) -> set[str]:
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    return inodes


def to_address(text: str) -> IPv4Address | IPv6Address:
    """/proc writes an address as words of four bytes, each turned round."""
    raw = bytes.fromhex(text)
    return ip_address(b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4)))
