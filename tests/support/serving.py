"""A real server of the dashboard, started as a person starts it, in a process group of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chromium import free_port
from tests.support.toy import REPOSITORY, listen_to_ctrl_c

APP = REPOSITORY / "dashboard"
START_S = 60.0
"""A busy two-core machine imports Panel in a few seconds; this is the end of patience."""


@dataclass
class Server:
    """One server and where it answers."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End the whole group; a server that does not listen to SIGTERM is killed."""
        for end in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, end)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                continue
            return


def panel_serve(log, path=APP, *options, env=None, port=0, address="localhost", host=""):
    """``panel serve``; `host` is how the page is reached where that is not the address."""
    port = port or free_port()
    command = [sys.executable, "-m", "panel", "serve", str(path), "--address", address, "--port", str(port)]
    return _started(
        [*command, *options], f"http://{host or address}:{port}/{Path(path).resolve().name}", log, env
    )


def deltadesk_serve(log, *options, env=None, address="localhost", port=0):
    """``deltadesk serve``."""
    port = port or free_port()
    command = [sys.executable, "-m", "engine.cli", "serve", "--address", address, "--port", str(port)]
    return _started(
        [*command, "--no-show", *map(str, options)], f"http://{address}:{port}/dashboard", log, env
    )


def deltadesk_replay(log, folder, env=None):
    """``deltadesk replay``."""
    port = free_port()
    command = [sys.executable, "-m", "engine.cli", "replay", str(folder), "--no-show", "--port", str(port)]
    return _started(command, f"http://localhost:{port}/dashboard", log, env)


def other_address():
    """An address of this machine that is not loopback, or None: what another machine would use."""
    import psutil

    for found in psutil.net_if_addrs().values():
        for one in found:
            if one.family.name == "AF_INET" and not one.address.startswith("127."):
                return one.address
    return None


def _started(command, url, log, env):
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
            preexec_fn=listen_to_ctrl_c,
        )
    server = Server(url, process, log)
    _wait_until_ready(server)
    return server


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(server.url, timeout=10) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    said = server.log.read_text()
    server.stop()
    raise RuntimeError(f"the server is not ready at {server.url}:\n{said[-4000:]}")
