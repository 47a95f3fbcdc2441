"""What holds for every test: array shapes are checked, and a skipped browser test is a failure."""

import os

# Before anything loads PyTorch: one thread each, as in the app. Two beside the other half of the suite wait for each
# other more than they compute: the networks' tests took twice as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("CONVNET_EXPLORER_WORKERS_AFTER_S", "86400")  # only the tests of long work need workers

import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

from tests import shape_check  # noqa: F401  the hook below looks it up by name

# Signatures name the shapes of arrays; under pytest the rooms that arrays enter by are held to them.
DOORS = (
    "core.photo",
    "core.convolution.operation",
    "core.convolution.pooling",
    "core.augmentation.applying",
    "core.augmentation.photometric",
    "core.augmentation.targets",
    "core.augmentation.warping",
    "core.figures.palette",
)
install_import_hook(DOORS, "tests.shape_check.checked")

# How long a case takes depends on what else the machine does: no property is a test of time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_skipped_in_browser: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember the browser tests that were skipped; this hook also sees what parallel workers report."""
    if report.skipped and not hasattr(report, "wasxfail") and "browser" in report.keywords:
        _skipped_in_browser.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run in which a browser test was skipped: what was not seen in a browser is not known to work."""
    if _skipped_in_browser and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter:
            reporter.write_line(
                f"browser tests skipped, which counts as failed: {_skipped_in_browser}", red=True
            )
