"""File permissions that bind whoever runs the tests, root included."""

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor

# linux/prctl.h and linux/capability.h: what lets root write and read past a file's permissions.
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def bound_by_permissions(act):
    """What `act()` returns; processes that it starts may write only where permissions let them.

    Capabilities belong to a thread and pass to the processes it starts, so root gives them up in a
    thread that ends with this call.
    """
    if os.geteuid() != 0:
        return act()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_without_capabilities, act).result()


def _without_capabilities(act):
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "a capability cannot be given up")
    return act()
