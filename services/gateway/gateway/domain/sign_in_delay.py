"""How long a person waits after wrong passwords."""

FREE_ATTEMPTS = 5
LONGEST_S = 60


def wait_s(failures: int) -> int:
    """Seconds before the next attempt after `failures` in a row: none for five, then 1, 2, 4 … at most 60."""
    if failures < FREE_ATTEMPTS:
        return 0
    return int(min(LONGEST_S, 2 ** min(failures - FREE_ATTEMPTS, 10)))
