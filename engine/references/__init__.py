"""Reference calculations: job folders that are paid for."""

from engine.references.folder import JobInput, JobResult, abandon, is_running, read_result, write_input

__all__ = [
    "JobInput",
    "JobResult",
    "abandon",
    "is_running",
    "read_result",
    "write_input",
]
