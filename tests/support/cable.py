"""A cable between a browser and a server that can be cut without either being told."""

import socket
import threading
from contextlib import suppress

CHUNK = 65536


class Cable:
    """Forwards TCP from a port of its own to `port`; what ran through it when it was cut goes nowhere."""

    def __init__(self, port):
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._generation = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Swallow all that is sent over the connections there are; new ones work."""
        self._generation += 1

    def close(self):
        self._listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                for ends in ((near, far), (far, near)):
                    threading.Thread(
                        target=self._forward, args=(*ends, self._generation), daemon=True
                    ).start()

    def _forward(self, source, sink, generation):
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if generation == self._generation:
                    sink.sendall(data)
            if generation == self._generation:
                sink.shutdown(socket.SHUT_WR)
