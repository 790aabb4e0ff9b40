"""Speed, measured in one run on one thread: ``python -m tests.benchmarks [--short]``."""
