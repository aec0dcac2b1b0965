"""An independent hand: what impactd computes, computed again with numpy and statsmodels.

Read it in the order the datum travels:

    calendar_golden   which weekdays are no plain 09:30-16:00 New York day
    session           a date -> the half-open stretch of nanoseconds that counts
    tapes             files -> exact integers: prices at 1e-9 dollar, sizes in shares, time in ns UTC
    book              quotes -> usable or not, in force at a time, order-flow imbalance
    signs             trades + quotes in force -> +1 buyer, -1 seller, 0 unknown
    bars              clock bars: flow, volume, mids, depth, spread
    spreads           effective, realized, impact
    regressions       bars -> ordinary least squares with three kinds of standard error
    fits, depth_law   the tables made of them
    lobster           LOBSTER pairs, with their aggressors
    market_orders     fills -> market orders
    study             market orders -> responses, Kyle's lambda on its linear region
    folds, contest    line against tree, out of fold (scikit-learn)
    study_tape        files -> all of that in one JSON
    summary           everything about one symbol-day in one JSON

Clean profile `none`: the session, and price > 0 and size > 0 for trades; nothing else is dropped.
Every quantity stays an exact integer until a mean, a ratio or a regression is taken.
"""
