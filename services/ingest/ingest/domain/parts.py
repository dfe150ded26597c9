"""The parts of an upload: of equal size, only the last may be smaller."""

MAX_PARTS = 10_000
MEBIBYTE = 1024 * 1024


def part_size(size_bytes: int, minimum: int) -> int:
    """Bytes of each part: `minimum`, or as many whole MiB as leave at most 10,000 parts."""
    needed = -(-size_bytes // MAX_PARTS)
    return max(minimum, -(-needed // MEBIBYTE) * MEBIBYTE)


def part_count(size_bytes: int, part_size_bytes: int) -> int:
    """The number of parts."""
    return -(-size_bytes // part_size_bytes)


def part_length(number: int, size_bytes: int, part_size_bytes: int) -> int | None:
    """Bytes of part `number` (from 1); None if there is no such part."""
    count = part_count(size_bytes, part_size_bytes)
    if not 1 <= number <= count:
        return None
    return part_size_bytes if number < count else size_bytes - (count - 1) * part_size_bytes


def missing_parts(stored: dict[int, int], size_bytes: int, part_size_bytes: int) -> list[int]:
    """The parts that are missing or incomplete."""
    count = part_count(size_bytes, part_size_bytes)
    return [n for n in range(1, count + 1) if stored.get(n) != part_length(n, size_bytes, part_size_bytes)]


def enumeration(numbers: list[int]) -> str:
    """The first five numbers, with an ellipsis for the rest."""
    return ", ".join([*map(str, numbers[:5]), *(["…"] if len(numbers) > 5 else [])])
