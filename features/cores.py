"""How much of the machine this process may use."""

import os


def available_cores() -> int:
    """Cores that this process may run on: those of a container, not those of its host."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
