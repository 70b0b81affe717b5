"""Anki's sync server. Called with a port and a folder."""

import os
import sys

port, folder = sys.argv[1:]
os.environ.update(
    SYNC_USER1="family:password",
    SYNC_HOST="127.0.0.1",
    SYNC_PORT=port,
    SYNC_BASE=folder,
    RUST_LOG="error",
)

from anki.syncserver import run_sync_server  # noqa: E402  (it reads the environment)

run_sync_server()
