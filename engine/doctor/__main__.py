"""``python -m engine.doctor NAME``: one probe in this process; the last line of its output is JSON."""

from __future__ import annotations

import json
import sys

from engine.doctor.probes import attempt

if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(attempt(sys.argv[1])) + "\n")
