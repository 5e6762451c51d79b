"""Named random streams: published values, independence, and draws without bias."""

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.world import Stream, World

# Published: a run of any version of this program must draw these.
PINNED = {
    (0, ""): [
        16259999957342280203,
        500418,
        9,
        92,
        0x5a6774aa6067090deaba01b26dcc9b8ce6dd817c441a43b665aea787aae4d710e65e691ad31,
    ],
    (7, "adc.noise.L1"): [
        2563225649299098074,
        661168,
        5,
        94,
        0x41fdb6e21a2623ceae12c592d5fd854919dd0f859fb72ec105246b9cf07008a511dbb5b4cb0,
    ],
    (123456789, "cpu.execution"): [
        13846260686149162392,
        933920,
        -2,
        5,
        0xea14fbb96a959796444a020bad8b510654b2b0a3dab6bc6287c47394f5d4b4fd3049560b622,
    ],
}


@pytest.mark.parametrize(("seed", "name"), PINNED)
def test_published_values(seed: int, name: str) -> None:
    stream = World(seed).stream(name)
    drawn = [stream.bits(64), stream.below(1_000_000), stream.between(-10, 10), stream.bits(7), stream.bits(300)]
    assert drawn == PINNED[seed, name]


@given(st.integers(0, 2**64), st.text(max_size=20), st.lists(st.integers(0, 700), max_size=20))
def test_bits_are_those_of_sha256_in_counter_mode(seed: int, name: str, counts: list[int]) -> None:
    key = hashlib.sha256(f"meterbench:{seed}:{name}".encode()).digest()
    blocks = sum(counts) // 256 + 1
    pool = b"".join(hashlib.sha256(key + block.to_bytes(8, "little")).digest() for block in range(blocks))
    whole = int.from_bytes(pool, "little")
    stream = Stream(seed, name)
    assert stream.key() == key
    for count in counts:
        assert stream.bits(count) == whole % (1 << count)
        whole >>= count


@given(st.lists(st.sampled_from("abc"), max_size=40))
def test_streams_are_independent_of_each_other(draws: list[str]) -> None:
    """However the draws from several are mixed, each gives what it gives alone."""
    world = World(5)
    mixed = {name: world.stream(name) for name in "abc"}
    got: dict[str, list[int]] = {name: [] for name in "abc"}
    for name in draws:
        got[name].append(mixed[name].bits(40))
    for name, values in got.items():
        alone = World(5).stream(name)
        assert values == [alone.bits(40) for _ in values]


def test_names_and_seeds_give_different_streams() -> None:
    firsts = [Stream(seed, name).bits(64) for seed in range(20) for name in ("a", "b", "1:a")]
    assert len(set(firsts)) == len(firsts)


@given(st.integers(1, 10**12), st.integers(0, 2**32))
def test_below_lies_below(bound: int, seed: int) -> None:
    stream = Stream(seed, "below")
    assert all(0 <= stream.below(bound) < bound for _ in range(20))
    assert all(-bound <= stream.between(-bound, bound) <= bound for _ in range(20))


class Counting(Stream):
    """Hands out every value of a few bits in turn, so that a bias shows exactly."""

    def __init__(self) -> None:
        super().__init__(0, "")
        self.next = 0

    def bits(self, count: int) -> int:
        self.next += 1
        return (self.next - 1) % (1 << count)


@pytest.mark.parametrize("bound", range(1, 40))
def test_below_is_not_biased(bound: int) -> None:
    stream = Counting()
    width = (bound - 1).bit_length()
    counts = Counter(stream.below(bound) for _ in range(bound * 5))
    assert counts == Counter(dict.fromkeys(range(bound), 5))
    # Never more than twice as many bits as it takes.
    assert stream.next <= bound * 5 if bound == 1 << width else stream.next <= bound * 10


def test_nothing_lies_below_nothing() -> None:
    with pytest.raises(ValueError, match="nothing lies below 0"):
        Stream(1, "x").below(0)
    with pytest.raises(ValueError, match="nothing lies below"):
        Stream(1, "x").between(3, 2)
