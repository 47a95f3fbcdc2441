"""`python -m core.jobs.cluster`: the app's own cluster, in a process of its own that ends with the server.

It says in one line where it is and with which key it is reached, and then waits for its standard input to close. Who
reaches a scheduler can have anything executed: so it listens on this computer only, and its connections are encrypted
with a key that is made anew each time and known to the server alone. Workers are replaced when they die; their files
lie in a temporary folder that goes with them.
"""

import contextlib
import json
import os
import sys
import tempfile

from core import child_process

_GIB = 2**30
_LEAST_GIB = 2.0
_SHARE = 0.6  # of the computer's memory, for all workers together


def layout(cores: int) -> tuple[int, int]:
    """Workers, and threads in each: together one core fewer than there are, which stays the web server's.

    A job alone should not leave most cores idle, and two visitors should not wait for each other on a large machine:
    a worker for every four cores.
    """
    workers = max(1, cores // 4)
    return workers, max(1, (cores - 1) // workers)


def memory_limit(total: int, workers: int) -> int:
    """Bytes that a worker may take before it is ended, of a computer with `total` bytes."""
    return int(max(_LEAST_GIB * _GIB, _SHARE * total / workers))


def main() -> None:
    """Start the cluster, say where it is, and end it when the server lets go."""
    import dask
    import psutil
    from distributed import LocalCluster
    from distributed.security import Security

    workers, threads = layout(os.cpu_count() or 1)
    workers = int(os.environ.get("CONVNET_EXPLORER_WORKERS", workers))
    limit = int(os.environ.get("CONVNET_EXPLORER_WORKER_BYTES", 0))
    security = Security.temporary()
    limit = limit or memory_limit(psutil.virtual_memory().total, workers)
    dask.config.set(
        {
            "distributed.admin.tick.limit": "1 hour",  # a step that keeps Python busy is no reason to complain
            # A process that waits should take nothing from a laptop: with the defaults it takes 3 % of a core.
            "distributed.admin.tick.interval": "1s",
            "distributed.admin.system-monitor.interval": "5s",
            "distributed.admin.system-monitor.gil.enabled": False,
            "distributed.worker.profile.enabled": False,
            "distributed.worker.memory.monitor-interval": "250ms",
            "distributed.scheduler.work-stealing": False,  # a job is given to one worker by name
            "distributed.scheduler.allowed-failures": 0,  # work that took a worker with it is not tried again
            "distributed.worker.memory.target": False,  # nothing is written to disk
            "distributed.worker.memory.spill": False,
            "distributed.worker.memory.pause": False,
            "distributed.worker.memory.terminate": 0.95,
            "distributed.worker.preload": ["core.jobs.preload"],
        }
    )
    with (
        tempfile.TemporaryDirectory(prefix="convnet-explorer-jobs-") as folder,
        dask.config.set({"temporary-directory": folder}),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=security,
            dashboard_address=None,
            memory_limit=limit,
            local_directory=folder,
            silence_logs=50,
            env={
                "OMP_NUM_THREADS": str(threads),
                "MKL_NUM_THREADS": str(threads),
                "DASK_TEMPORARY_DIRECTORY": folder,
            },
        ) as cluster,
    ):
        told = {
            "address": cluster.scheduler_address,
            "authority": security.tls_ca_file,
            "certificate": security.tls_client_cert,
            "key": security.tls_client_key,
        }
        child_process.write(f"{json.dumps(told)}\n".encode())
        with contextlib.suppress(KeyboardInterrupt):  # the server's Ctrl+C reaches this process, too
            sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
