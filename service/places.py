"""Places for uploads: so many in all, and for one token no more than half of them."""

from collections import Counter
from threading import Lock


class Places:
    """Counts the uploads that are under way. A place that was taken MUST be given back."""

    def __init__(self, most: int) -> None:
        """``most``: in all."""
        self._most = most
        self._share = (most + 1) // 2
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, token: str) -> bool:
        """Take a place for a token; False if none is left, or none for this token."""
        with self._lock:
            free = self._taken.total() < self._most and self._taken[token] < self._share
            if free:
                self._taken[token] += 1
            return free

    def give_back(self, token: str) -> None:
        """Give a place back."""
        with self._lock:
            self._taken -= Counter((token,))  # which forgets a token that has none left
