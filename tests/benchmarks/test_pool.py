"""A selection from a large pool can be measured, on a small one."""

import re
import subprocess
import sys

from tests.support.toy import REPOSITORY


def test_a_small_pool_is_made_and_selected_from():
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.pool", "-n", "300"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = re.findall(r"│ (?:describe|write|score|select|peak).*│ +([\d.e+-]+) ", done.stdout)
    assert len(figures) == 5
    assert all(float(figure) > 0 for figure in figures)
