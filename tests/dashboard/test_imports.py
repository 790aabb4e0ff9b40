import subprocess
import sys

HEAVY = ("torch", "chgnet", "mace", "dscribe", "sklearn", "joblib", "nglview")


def test_the_serving_process_imports_nothing_that_only_workers_need():
    program = (
        f"import sys, dashboard.layout, dashboard.app_hooks; print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
