"""What the breakers of this task and those of the others tell each other.

    sharing = Sharing(RedisState(client), owner=task_id)
    client = fm.Client(config, sharing=sharing)

Rule: reading and telling is done by one thread, beside the calls; who asks for the probe waits
for that thread at most `patience` seconds. A store that cannot be reached is said once in the
log, and each task goes by its own state until it can be reached again.
Known cost: an opening is known to the others only `every` seconds later, at the most.
After a fork the child is a task of its own: its thread begins with its first call. The store's
client has to survive that too, as those of redis-py and boto3 do.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING
from weakref import WeakSet

from mangaops.fm.breaker.shared import (
    Granted,
    Opening,
    Refused,
    Ruling,
    Seen,
    SharedState,
    Verdict,
    ask_for_probe,
    tell_opening,
    tell_ruling,
)

if TYPE_CHECKING:
    from mangaops.fm.breaker.shared_circuit import SharedCircuit

EVERY_S = 1.0
PATIENCE_S = 0.1


class Sharing:
    """`owner` is a name that no other task has; the child of a fork adds its process id.
    Close it, or its thread ends with the process.

    Without `background` nothing happens by itself: `sync` is one round, and who asks for the
    probe does so in its own thread, for as long as the store takes.
    """

    def __init__(
        self,
        state: SharedState,
        *,
        owner: str,
        every: float = EVERY_S,
        patience: float = PATIENCE_S,
        background: bool = True,
    ) -> None:
        self.every = every
        self.patience = patience
        self._reached = True
        self._state = state
        self._named = self._owner = owner
        self._background = background
        self._lock = Lock()
        self._circuits: list[SharedCircuit] = []
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._questions: deque[Callable[[], None]] = deque()
        self._closed = Event()
        self._thread: Thread | None = None
        _EACH.add(self)

    @property
    def reachable(self) -> bool:
        """Whether the others are told and heard, as far as is known."""
        thread = self._thread
        return self._reached and (thread is None or thread.is_alive())

    def join(self, circuit: SharedCircuit) -> None:
        """From now on it hears of the others, first in a moment."""
        with self._lock:
            self._circuits.append(circuit)
        self.attend()
        self.wake()

    def attend(self) -> None:
        """There is a thread to tell and to hear, also after a fork. Costs a call nothing."""
        if self._thread is not None or not self._background or self._closed.is_set():
            return
        with self._lock:
            if self._thread is None:
                thread = Thread(target=self._work, name="shared-breakers", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # no thread is to be had: the call goes on alone
                    self._reached = False
                    return
                self._thread = thread

    def begin_again(self) -> None:
        """In the child of a fork, which has the memory of its parent and none of its threads."""
        self._lock = Lock()
        self._jobs, self._questions = SimpleQueue(), deque()
        closed, self._closed = self._closed.is_set(), Event()
        if closed:
            self._closed.set()
        self._thread = None
        self._owner = f"{self._named} {os.getpid()}"
        for circuit in self._circuits:
            circuit.begin_again()

    def wake(self) -> None:
        if self._background:
            self._jobs.put(self.sync)

    def ask(
        self, circuit: SharedCircuit, seconds: float, *, known: int, opened: int, over: int = 0
    ) -> Granted | Refused | None:
        """Whether this task may probe for `seconds`; None: nobody can be asked."""
        if not self.reachable:
            return None

        def question() -> Granted | Refused:
            self._tell_all(circuit)  # its own probe before this one may have ended
            return ask_for_probe(
                self._state,
                circuit.key,
                owner=self._owner,
                seconds=seconds,
                known=known,
                opened=opened,
                over=over,
            )

        if self._background:
            return self._ask_beside(circuit, question)
        try:
            return question()
        except Exception as error:  # noqa: BLE001 - the store's client is handed in
            self._lost(circuit, type(error).__name__)
            return None

    def sync(self) -> None:
        """One round: tell, then hear."""
        with self._lock:
            circuits = list(self._circuits)
        for circuit in circuits:
            try:
                self._tell_all(circuit)
                circuit.hear(self._state.read(circuit.key))
            except Exception as error:  # noqa: BLE001 - the store's client is handed in
                self._lost(circuit, type(error).__name__)
                return
            self._answer_questions()
        self._found(circuits)

    def close(self) -> None:
        """Ends the thread, after a last round."""
        self._closed.set()
        self.wake()
        if self._thread is not None:
            self._thread.join(self.every + self.patience)

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                job = self._jobs.get(timeout=self.every)
            except Empty:
                job = self.sync
            self._unharmed(job)
        self._unharmed(self.sync)

    def _unharmed(self, job: Callable[[], None]) -> None:
        """Whatever goes wrong in a round, there is another one."""
        try:
            job()
        except Exception:  # noqa: BLE001 - the thread outlives what the application handed in
            self._reached = False

    def _answer_questions(self) -> None:
        """Calls wait for these, so they go before the rest of a round."""
        while self._questions:
            self._questions.popleft()()

    def _tell_all(self, circuit: SharedCircuit) -> None:
        for word in circuit.untold():
            circuit.hear(self._tell(circuit, word))

    def _tell(self, circuit: SharedCircuit, word: Opening | Ruling) -> Seen:
        if isinstance(word, Opening):
            return tell_opening(self._state, circuit.key, word)
        return tell_ruling(self._state, circuit.key, word)

    def _ask_beside(
        self, circuit: SharedCircuit, question: Callable[[], Granted | Refused]
    ) -> Granted | Refused | None:
        answers: SimpleQueue[Granted | Refused | None] = SimpleQueue()
        unheard = Event()

        def job() -> None:
            try:
                answer = None if unheard.is_set() else question()
            except Exception as error:  # noqa: BLE001 - the store's client is handed in
                self._lost(circuit, type(error).__name__)
                answer = None
            answers.put(answer)
            if unheard.is_set():
                self._take_back(circuit, answers)

        self._questions.append(job)
        self._jobs.put(self._answer_questions)
        try:
            return answers.get(timeout=self.patience)
        except Empty:
            unheard.set()
            self._take_back(circuit, answers)
            self._lost(circuit, f"no answer within {self.patience:g} s")
            return None

    def _take_back(
        self, circuit: SharedCircuit, answers: SimpleQueue[Granted | Refused | None]
    ) -> None:
        """A probe that was granted after nobody waited: whoever finds it gives it back."""
        try:
            answer = answers.get_nowait()
        except Empty:
            return
        if isinstance(answer, Granted):
            held = answer.agreed
            unused = Ruling(
                generation=held.generation,
                owner=held.owner,
                verdict=Verdict.UNDECIDED,
                needed=1,
            )
            self._jobs.put(lambda: self._quietly(circuit, unused))

    def _quietly(self, circuit: SharedCircuit, word: Ruling) -> None:
        try:
            self._tell(circuit, word)
        except Exception:  # noqa: BLE001 - the lease ends by itself
            return

    def _lost(self, circuit: SharedCircuit, why: str) -> None:
        with self._lock:
            first, self._reached = self._reached, False
            circuits = list(self._circuits)
        for one in circuits:
            one.untold()  # said later, it would be of the past
        if first:
            circuit.remark(f"the shared state is out of reach ({why}): by its own state alone")

    def _found(self, circuits: list[SharedCircuit]) -> None:
        with self._lock:
            again, self._reached = not self._reached, True
        if again and circuits:
            circuits[0].remark("the shared state is reached again")


_EACH: WeakSet[Sharing] = WeakSet()


def _after_fork() -> None:
    for sharing in list(_EACH):
        sharing.begin_again()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
