"""The best bid and offer over a session: usable or not, in force at a time, order-flow imbalance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .session import HALF_HOUR, Session, session_of
from .tapes import Quotes, Tape, Trades

NO_QUOTE = -1


def usable(q: Quotes) -> np.ndarray:
    """Both sides have a positive price and size, and ask > bid."""
    return (q.bid > 0) & (q.bid_size > 0) & (q.ask > 0) & (q.ask_size > 0) & (q.ask > q.bid)


def order_flow_imbalance(q: Quotes) -> np.ndarray:
    """Shares added at the bid less shares added at the ask, one value a state (Cont, Kukanov, Stoikov):

    e_n = 1{b_n >= b_(n-1)} qb_n - 1{b_n <= b_(n-1)} qb_(n-1)
        - 1{a_n <= a_(n-1)} qa_n + 1{a_n >= a_(n-1)} qa_(n-1),        e_0 = 0
    """
    e = np.zeros(len(q), dtype=np.int64)
    b, b0, a, a0 = q.bid[1:], q.bid[:-1], q.ask[1:], q.ask[:-1]
    e[1:] = (
        (b >= b0) * q.bid_size[1:] - (b <= b0) * q.bid_size[:-1]
        - (a <= a0) * q.ask_size[1:] + (a >= a0) * q.ask_size[:-1]
    )  # fmt: skip
    return e


@dataclass(frozen=True)
class Day:
    """The session's part of a tape, under clean profile `none`."""

    symbol: str
    session: Session
    quotes: Quotes
    trades: Trades

    @classmethod
    def of(cls, tape: Tape) -> "Day":
        session = session_of(tape.day)
        t = tape.trades
        kept = session.covers(t.ts) & (t.price > 0) & (t.size > 0)
        return cls(tape.symbol, session, tape.quotes.where(session.covers(tape.quotes.ts)), t.where(kept))

    @cached_property
    def usable(self) -> np.ndarray:
        return usable(self.quotes)

    @cached_property
    def usable_quotes(self) -> Quotes:
        return self.quotes.where(self.usable)

    def in_force(self, ts, at_or_before: bool = False) -> np.ndarray:
        """Index of the last state strictly before each stamp (or at or before it); NO_QUOTE when there is none."""
        return np.searchsorted(self.quotes.ts, ts, "right" if at_or_before else "left") - 1

    def usable_at(self, index: np.ndarray) -> np.ndarray:
        """Mask of the indices that are a usable state."""
        return (index != NO_QUOTE) & self.usable[index] if len(self.usable) else index != NO_QUOTE

    def half_hours(self) -> list[tuple[int, int]]:
        """The session cut into half hours, half-open."""
        start, end = self.session.start, self.session.end
        return [(left, min(left + HALF_HOUR, end)) for left in range(start, end, HALF_HOUR)]
