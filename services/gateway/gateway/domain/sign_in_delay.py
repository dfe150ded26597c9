"""The delay after wrong passwords."""

FREE_ATTEMPTS = 5
MAX_DELAY_S = 60


def delay_s(failures: int) -> int:
    """Seconds before the next attempt after `failures` in a row: none up to four, then 1, 2, 4 … at most 60."""
    if failures < FREE_ATTEMPTS:
        return 0
    return int(min(MAX_DELAY_S, 2 ** min(failures - FREE_ATTEMPTS, 10)))
