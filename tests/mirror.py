"""A web server on 127.0.0.1 that gives one file, and does it badly where its path says so."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Mirror(ThreadingHTTPServer):
    """Gives `content` at any path, and keeps in `asked` the ranges that were asked for.

    The path says what it does wrong: `/404`, `/wrong` (other bytes), `/longer`, `/cut/N` (breaks
    off after N bytes, each time), `/norange`, `/nolength`, `/offrange`; several may be joined.
    """

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.asked: list[str | None] = []

    def url(self, path: str = "/file") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


@contextmanager
def mirror(content: bytes) -> Iterator[Mirror]:
    """Run a mirror of `content`, past any proxy."""
    with pytest.MonkeyPatch.context() as patch, Mirror(content) as server:
        patch.setenv("no_proxy", "127.0.0.1")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        if "/404" in self.path:
            return self.send_error(404)
        content = self.server.content
        content = content[::-1] if "/wrong" in self.path else content
        content += b"more" if "/longer" in self.path else b""
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if "/norange" in self.path or not asked:
            start = 0
            self.send_response(200)
        elif start >= len(content):
            return self.send_error(416)
        else:
            self.send_response(206)
            told = start + ("/offrange" in self.path)
            self.send_header("Content-Range", f"bytes {told}-{len(content) - 1}/{len(content)}")
        if "/nolength" not in self.path:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cut = re.search(r"/cut/(\d+)", self.path)
        self.wfile.write(content[start : start + int(cut[1]) if cut else None])

    def log_message(self, *_: Any) -> None: ...
