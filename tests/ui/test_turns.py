"""Scripts run one at a time, in their order, and none holds up the others for long."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dlcore.ui.turns import Turns

LONG = 30.0  # longer than any test lasts


def test_no_two_have_it_at_once() -> None:
    turns, inside, most = Turns(LONG), 0, 0

    def take(_: int) -> None:
        nonlocal inside, most
        with turns.taken():
            inside += 1
            most = max(most, inside)
            time.sleep(0.002)
            inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(40)))
    assert most == 1


def test_who_comes_first_goes_first() -> None:
    turns, order = Turns(LONG), []

    def take(name: int) -> None:
        with turns.taken():
            order.append(name)

    threads = [threading.Thread(target=take, args=(k,)) for k in range(5)]
    with turns.taken():
        for thread in threads:
            thread.start()
            while turns.num_waiting <= threads.index(thread):
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_nobody_waits_longer_than_their_patience_and_nobody_loses_their_turn_by_it() -> None:
    turns = Turns(0.5)
    with turns.taken():  # a slow one
        begin = time.perf_counter()
        with turns.taken():
            assert 0.45 < time.perf_counter() - begin < LONG
    begin = time.perf_counter()
    with turns.taken():
        assert time.perf_counter() - begin < 0.45
    with turns.taken():
        with turns.taken():
            pass
        begin = time.perf_counter()
        with turns.taken():
            assert time.perf_counter() - begin > 0.45, "who went on without a turn has given back one"


def test_who_comes_again_at_once_goes_behind_those_who_wait() -> None:
    turns, over = Turns(LONG), threading.Event()

    def drag() -> None:
        while not over.is_set():
            with turns.taken():
                time.sleep(0.001)

    dragger = threading.Thread(target=drag)
    dragger.start()
    try:
        for _ in range(20):
            begin = time.perf_counter()
            with turns.taken():
                assert time.perf_counter() - begin < 1
    finally:
        over.set()
        dragger.join()


def test_an_error_ends_the_turn() -> None:
    turns = Turns(LONG)
    with pytest.raises(ValueError, match="planted"), turns.taken():
        raise ValueError("planted")
    with turns.taken():
        pass
