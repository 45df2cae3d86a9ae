"""The file beside an unfinished output: whose it is, and where its inputs go on."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Self

from detector.batch.inputs import Position
from detector.batch.outputs import Written
from detector.errors import DetectorError


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Records that are safe in the output, and the place in the inputs behind the last of them."""

    written: Written
    position: Position


START: Final = Checkpoint(Written(), Position())


class Journal:
    """One line on the batch, then one for each checkpoint; locked while its run lives.

    A line that a kill has cut in two is as good as none. The file is there before the output and
    goes when that is complete.

    Attributes:
        checkpoint: the latest that was found when it was opened.
        fresh: whether it was made when it was opened.
    """

    def __init__(self, file: IO[bytes], path: Path, checkpoint: Checkpoint) -> None:
        self._file = file
        self._path = path
        self.checkpoint = checkpoint
        self.fresh = False

    @classmethod
    def open(cls, output: Path, identity: dict[str, Any], *, resume: bool) -> Self | None:
        """Open the journal of an output, or make it; None if the output is complete.

        Raises:
            DetectorError: the output is another batch's, being written, or there unexpectedly.
        """
        path = output.with_name(output.name + ".journal")
        if resume and output.exists() and not path.exists():
            return None
        if not resume and (output.exists() or path.exists()):
            raise DetectorError(f"{output} exists: go on with it (--resume) or remove it")
        file = path.open("a+b")
        try:
            # Held by this process alone: not by workers that outlive it by a moment.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise DetectorError(f"{output} is being written by another process") from None
        file.seek(0)
        lines = list(_values(file))
        journal = cls(file, path, _checkpoint(lines[-1]) if len(lines) > 1 else START)
        if not lines:
            file.truncate(0)
            journal._write(identity)
            journal.fresh = True
        elif lines[0] != identity:
            file.close()
            what = ", ".join(key for key in identity if lines[0].get(key) != identity[key])
            raise DetectorError(f"{output} was begun as another batch: other {what}")
        return journal

    def note(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint."""
        written, position = checkpoint.written, checkpoint.position
        self._write([written.records, written.size, position.file, position.within])

    def _write(self, value: Any) -> None:
        # On a line of its own, even behind one that was cut.
        self._file.write(b"\n" + json.dumps(value).encode() + b"\n")
        self._file.flush()

    def close(self, *, remove: bool) -> None:
        """Close the file, and remove it where there is nothing to go on with."""
        if remove:
            self._path.unlink()
        self._file.close()


def _values(lines: Iterable[bytes]) -> Iterator[Any]:
    for line in lines:
        with suppress(ValueError):  # blank, or cut
            yield json.loads(line)


def _checkpoint(line: list[int]) -> Checkpoint:
    records, size, file, within = line
    return Checkpoint(Written(records, size), Position(file, within))
