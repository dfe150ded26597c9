"""Which bytes of a source are read together."""

from collections.abc import Iterator, Sequence

from frames.domain.gops import Sample

MAX_BYTES = 8 * 1024 * 1024
# Reading over what lies between two samples (sound) is cheaper than another request.
MAX_GAP = 256 * 1024


def adjacent_samples(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    """Samples that lie near each other and in order, so that one request reads them."""
    group: list[Sample] = []
    for sample in samples:
        if group:
            end = group[-1].position + group[-1].size
            is_near = 0 <= sample.position - end <= MAX_GAP
            if not is_near or sample.position + sample.size - group[0].position > MAX_BYTES:
                yield group
                group = []
        group.append(sample)
    if group:
        yield group
