"""What came out of one run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from upbit_qt_ws.testing.faults import Transcript


@dataclass
class Report:
    """What came out of one run.

    Attributes:
        seed: of the script and of everything else that is random.
        violations: kind and description of what must not be.
        transcript: what happened.
        faults, events, sockets: how many there were.
        recovery: from the lifting of the last fault to the last topic live, in seconds.
        shutdown: how long it took, in seconds.
        excused: topics that are kept out for a while, because they stood in a request when the exchange sent an error.
    """

    seed: int
    violations: list[tuple[str, str]] = field(default_factory=list)
    transcript: Transcript = field(default_factory=Transcript)
    faults: int = 0
    events: int = 0
    sockets: int = 0
    recovery: float = 0.0
    shutdown: float = 0.0
    excused: int = 0

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process gets: of the transcript what it prints, without the lock and the clock."""
        return {**vars(self), "transcript": str(self.transcript)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what another process has sent."""
        vars(self).update(state, transcript=Transcript(state["transcript"]))

    def complain(self, kind: str, what: str) -> None:
        """Enter a violation."""
        if len(self.violations) < 20:
            self.violations.append((kind, what))
            self.transcript.note(f"VIOLATION ({kind}): {what}")

    def __str__(self) -> str:
        """Return what is needed to understand a failure."""
        return "\n".join(
            [
                f"seed {self.seed} broke {len(self.violations)} invariants; do it again with",
                f"    python3 dev.py test tests/reliability/test_seeds.py --seeds {self.seed}",
                *(f"  ({kind}) {what}" for kind, what in self.violations),
                "",
                str(self.transcript),
            ]
        )
