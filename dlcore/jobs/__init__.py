"""Where long work runs: hand in a function of frames and its Config, read the frames as they are computed, stop it.

    with Jobs() as jobs:
        job = jobs.submit(frames, config, owner=session)
        for frame in job.frames():
            ...

Only this package knows that the work runs in processes of this machine; `processes` is the one module that starts them.
It knows nothing of what is computed: a frame is whatever can be pickled.
"""

from dlcore.jobs.job import Frames, Job, unpacked
from dlcore.jobs.limits import Limits
from dlcore.jobs.load import Load
from dlcore.jobs.scheduler import Jobs
from dlcore.jobs.work import Status

__all__ = ["Frames", "Job", "Jobs", "Limits", "Load", "Status", "unpacked"]
