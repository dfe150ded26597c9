"""How an upload is divided: equal parts, only the last may be shorter."""

MOST_PARTS = 10_000
MEBIBYTE = 1024 * 1024


def part_size(size_bytes: int, smallest: int) -> int:
    """Bytes of each part: `smallest`, or as many whole MiB as leave at most 10,000 parts."""
    needed = -(-size_bytes // MOST_PARTS)
    return max(smallest, -(-needed // MEBIBYTE) * MEBIBYTE)


def part_count(size_bytes: int, part_size_bytes: int) -> int:
    """How many parts there are."""
    return -(-size_bytes // part_size_bytes)


def size_of_part(number: int, size_bytes: int, part_size_bytes: int) -> int | None:
    """Bytes of part `number` (from 1); None if there is no such part."""
    count = part_count(size_bytes, part_size_bytes)
    if not 1 <= number <= count:
        return None
    return part_size_bytes if number < count else size_bytes - (count - 1) * part_size_bytes


def missing(stored: dict[int, int], size_bytes: int, part_size_bytes: int) -> list[int]:
    """The parts that are not there in full."""
    count = part_count(size_bytes, part_size_bytes)
    return [n for n in range(1, count + 1) if stored.get(n) != size_of_part(n, size_bytes, part_size_bytes)]


def enumeration(numbers: list[int]) -> str:
    """The first five numbers, with an ellipsis for the rest."""
    return ", ".join([*map(str, numbers[:5]), *(["…"] if len(numbers) > 5 else [])])
