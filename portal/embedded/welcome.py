"""Says where the site is, as soon as it answers. A script: `python welcome.py PORT`."""

import os
import sys
import time
import urllib.request


def main() -> int:
    """Ask /healthz until it answers, then write the address; give up when the starter is gone."""
    address = f"http://127.0.0.1:{int(sys.argv[1])}/"
    starter = os.getppid()
    while os.getppid() == starter:
        try:
            with urllib.request.urlopen(f"{address}healthz", timeout=5):  # noqa: S310  (http above)
                sys.stdout.write(f"\n  The site is at {address}   (Ctrl-C stops it)\n\n")
                sys.stdout.flush()
                return 0
        except OSError:
            time.sleep(0.25)
    return 1


if __name__ == "__main__":
    sys.exit(main())
