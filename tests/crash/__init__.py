"""Kill a toy campaign everywhere; witnesses outside say what was lost: ``python -m tests.crash``."""
