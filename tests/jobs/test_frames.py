"""Frames arrive whole and in order, for anyone and from anywhere, while runs take turns."""

import asyncio
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcore.jobs import Frames, Job, Status, unpacked
from dlcore.jobs.work import Work
from tests.jobs import work
from tests.jobs.waiting import SECONDS, read, until
from tests.jobs.work import Count

# Frames


def test_every_frame_arrives_once_and_in_order(run: Callable[..., Job]):
    job = run(work.count, Count(stop=20_000))
    assert read(job) == list(range(20_000))
    assert job.status.state == "done"
    assert job.status.num_frames == 20_000
    assert job.status.sentence == ""


def test_frames_are_what_was_yielded(run: Callable[..., Job]):
    frames = read(run(work.arrays, 4))
    assert [frame.step for frame in frames] == [0, 1, 2, 3]
    np.testing.assert_array_equal([frame.values for frame in frames], np.repeat(np.arange(4.0)[:, None], 3, axis=1))
    assert frames[0].values.dtype == np.float32


def test_frames_can_be_read_again_and_from_any_position(run: Callable[..., Job]):
    job = run(work.count, Count(stop=1000))
    frames = job.frames(start=600)
    assert list(frames) == list(frames) == list(range(600, 1000))
    assert read(job) == list(range(1000))
    assert read(job, start=2000) == []


def test_a_reader_cannot_spoil_what_others_read(run: Callable[..., Job]):
    job = run(work.arrays, 2)
    read(job)[1].values[:] = -1
    assert read(job)[1].values.tolist() == [1, 1, 1]


def test_frames_are_there_while_the_run_goes_on(run: Callable[..., Job], tmp_path: Path):
    job = run(work.until_file, str(tmp_path / "go"))
    frames = iter(job.frames())
    assert next(frames) == "before"
    assert job.status.state == "running"
    (tmp_path / "go").touch()
    assert list(frames) == ["after"]


def test_a_reader_may_stop_in_the_middle(run: Callable[..., Job]):
    job = run(work.count, Count(pause=0.001))
    assert list(itertools.islice(job.frames(), 5)) == [0, 1, 2, 3, 4]
    assert not job.status.ended


def test_a_list_of_frames_will_do(run: Callable[..., Job]):
    assert read(run(work.listed, 3)) == [0, 1, 2]


def test_a_position_below_zero_is_refused(run: Callable[..., Job]):
    with pytest.raises(ValueError, match="start is -1: it must be a whole number from 0"):
        run(work.count, Count(stop=1)).frames(-1)


# Frames for the server's routes


async def read_on_a_loop(job: Job, start: int) -> list[Any]:
    return [frame async for frame in job.frames(start)]


def test_many_readers_on_one_event_loop_get_all_frames(run: Callable[..., Job]):
    short, long = run(work.count, Count(stop=2000)), run(work.count, Count(stop=50, pause=0.002))

    async def together() -> list[list[int]]:
        readers = [read_on_a_loop(*each) for each in ((short, 0), (short, 1990), (long, 0), (long, 49))]
        return await asyncio.wait_for(asyncio.gather(*readers), SECONDS)

    first, *others = asyncio.run(together())
    assert first == list(range(2000))
    assert others == [list(range(1990, 2000)), list(range(50)), [49]]


def test_the_event_loop_is_free_while_a_frame_is_computed(run: Callable[..., Job], tmp_path: Path):
    job = run(work.until_file, str(tmp_path / "go"))

    async def read_and_open() -> list[str]:
        frames = []
        async for frame in job.frames():
            frames.append(frame)
            asyncio.get_running_loop().call_later(0.01, (tmp_path / "go").touch)  # runs only if the loop is free
        return frames

    assert asyncio.run(asyncio.wait_for(read_and_open(), SECONDS)) == ["before", "after"]


def test_a_reader_whose_connection_closes_leaves_nothing_behind(run: Callable[..., Job]):
    job = run(work.count, Count(pause=0.001))

    async def cut_off() -> None:
        async for _ in job.frames():
            pass

    async def run_briefly() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(cut_off(), 0.05)

    asyncio.run(run_briefly())
    assert not job.work._watchers
    position = job.status.num_frames
    until(lambda: job.status.num_frames > position)


@pytest.mark.parametrize("way", [read, lambda job, start: asyncio.run(read_on_a_loop(job, start))])
def test_a_reader_who_waits_does_not_keep_looking(
    run: Callable[..., Job], monkeypatch: pytest.MonkeyPatch, way: Callable[..., list[Any]]
):
    job = run(work.count, Count(stop=20, pause=0.02))
    looks = []
    since = job.since
    monkeypatch.setattr(job, "since", lambda position, *most: looks.append(position) or since(position, *most))
    assert way(job, 0) == list(range(20))
    assert len(looks) < 100


def test_batches_hold_what_is_there_up_to_a_number_and_tell_of_silence(run: Callable[..., Job], tmp_path: Path):
    job = run(work.count, Count(stop=20))
    read(job)

    async def batches(frames: Frames, most: int, patience: float) -> list[list[Any]]:
        return [[unpacked(frame) for frame in batch] async for batch in frames.batches(most, patience)]

    assert asyncio.run(batches(job.frames(), 8, 1.0)) == [[*range(8)], [*range(8, 16)], [*range(16, 20)]]
    job = run(work.until_file, str(tmp_path / "go"))

    async def silence_then_the_rest() -> list[list[Any]]:
        found = []
        async for batch in job.frames().batches(8, 0.01):
            found.append([unpacked(frame) for frame in batch])
            if not batch:
                (tmp_path / "go").touch()
        return found

    found = asyncio.run(silence_then_the_rest())
    assert found[0] == ["before"] or found[0] == []
    assert [] in found
    assert [frame for batch in found for frame in batch] == ["before", "after"]


def test_what_arrives_after_the_end_is_dropped():
    work = Work(())
    work.end("stopped")
    work.extend([b"late"])
    work.end("done")
    assert work.status == Status(state="stopped")


def test_a_loop_that_was_closed_does_not_harm_the_others(run: Callable[..., Job]):
    job = run(work.count, Count(pause=0.001))
    loop = asyncio.new_event_loop()
    loop.close()
    with job.watched_by(lambda: loop.call_soon_threadsafe(lambda: None)):
        position = job.status.num_frames
        until(lambda: job.status.num_frames > position + 5)


# Turns


def test_a_late_run_does_not_wait_for_an_early_one_without_end(run: Callable[..., Job]):
    early = run(work.count, Count(pause=0.001, name="early"))
    assert next(iter(early.frames())) == 0
    late = run(work.count, Count(stop=300, pause=0.001, name="late"))
    assert read(late) == list(range(300))
    assert early.status.state == "running"
    position = early.status.num_frames
    until(lambda: early.status.num_frames > position)


def test_a_late_run_is_next_before_all_that_are_there(run: Callable[..., Job]):
    early = [run(work.clock, Count(pause=0.05, name=name)) for name in "abcdefgh"]
    for job in early:
        next(iter(job.frames()))
    submitted = time.monotonic()
    late = next(iter(run(work.clock, Count(stop=1)).frames()))
    begun = [begin for job in early for begin in itertools.islice(job.frames(), job.status.num_frames)]
    assert sum(submitted < begin < late for begin in begun) < len(early) / 2


def test_runs_of_one_worker_get_equal_turns(run: Callable[..., Job]):
    both = [run(work.count, Count(pause=0.001, name=name)) for name in "ab"]
    until(lambda: min(job.status.num_frames for job in both) > 200)
    few, many = sorted(job.status.num_frames for job in both)
    assert many < 2 * few
