"""Rate limits: sign-ins by client address, pages by session.

Counts are in the memory of this process. The lock on an account must outlive the process and is in
the store (``hub/casework/accounts/sign_in.py``).
"""

from __future__ import annotations

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from schemas.errors import Fate, HubError

SIGN_INS = "20/minute"
PAGES = "300/minute"


class TooManyRequests(HubError):
    """A client sends more requests than a person would."""

    code = "too-fast"
    fate = Fate.RETRY


class RateLimits:
    """Counts requests and refuses those above the limit."""

    def __init__(self, sign_ins: str = SIGN_INS, pages: str = PAGES) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._sign_ins = parse(sign_ins)
        self._pages = parse(pages)

    def check_sign_in(self, address: str) -> None:
        """Count one sign-in attempt from an address; raises TooManyRequests."""
        self._hit(self._sign_ins, f"sign-in {address}")

    def check_visitor(self, session: str) -> None:
        """Count one page request of a session; raises TooManyRequests."""
        self._hit(self._pages, f"pages {session}")

    def _hit(self, rate: RateLimitItem, who: str) -> None:
        if not self._limiter.hit(rate, who):
            raise TooManyRequests("Too many requests. Wait a minute and try again.")
