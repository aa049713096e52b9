"""The phases of a measurement without a window."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def measure_bare(run: Callable[[str, list[str]], Awaitable[None]], counted: Callable[[], int]) -> None:
    """Run a receiving loop, and tell how much it has received in the time of the job."""
    job = json.loads(sys.argv[1])
    task = asyncio.ensure_future(run(job["url"], job["codes"]))
    await asyncio.sleep(0.2 + job["warm_up"])
    began, before = time.perf_counter(), counted()
    print(json.dumps({"phase": "begin"}), flush=True)
    await asyncio.sleep(job["seconds"])
    seconds = time.perf_counter() - began
    print(json.dumps({"phase": "end", "messages": (counted() - before) / seconds}), flush=True)
    task.cancel()
