"""Run a Hub by hand: `python -m hub`."""

from __future__ import annotations

import argparse
import signal
import time
from pathlib import Path

from hub import Hub


def main() -> None:
    """Run until interrupted; print what the client needs to know, then each request."""
    parser = argparse.ArgumentParser(prog="python -m hub", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--xet", type=Path, metavar="FOLDER", help="offer Xet, stored there")
    parser.add_argument("--token", default="hf_test", help="of the user `test`, for writing")
    asked = parser.parse_args()
    # A shell makes what it starts in the background ignore interrupts.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with Hub(xet=asked.xet, port=asked.port) as hub:
        hub.add_token(asked.token, "test")
        for name, value in {**hub.env(asked.token), "HF_HOME": "$(mktemp -d)"}.items():
            print(f"export {name}={value}", flush=True)
        shown = 0
        try:
            while True:
                time.sleep(0.1)
                for request in hub.log[shown:]:
                    print(request.status, request.method, request.path, request.sent, flush=True)
                    shown += 1
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
