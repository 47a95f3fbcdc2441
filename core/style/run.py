"""A style transfer as long work: how it is ordered, and what a job of it has so far."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, UInt8

from core.jobs import Job, Order
from core.style.frames import Frame, Kept, Latest, Picture, Styled
from core.style.losses import Part, Pull
from core.style.recipe import Recipe
from core.style.side_by_side import Beside, Column

STYLES_MOST = 3


def style_order(
    photo: Picture,
    styles: Sequence[Picture],
    recipe: Recipe,
    *,
    shares: Sequence[float] = (),
    mask: UInt8[np.ndarray, "height width"] | None = None,
    begin: Float32[np.ndarray, "height width 3"] | None = None,
    before: tuple[Frame, ...] = (),
) -> Order:
    """The order for what `core.style.stylize.stylize` makes.

    Args:
        shares: how much each style counts; none for all alike.
        begin: a picture to go on with. before: the frames that led to it; they stay with the order.

    Raises: ValueError for more than three styles, or shares that do not fit them.
    """
    given = tuple(shares) or (1.0,) * len(styles)
    if len(styles) > STYLES_MOST or len(given) != len(styles):
        raise ValueError(
            f"There are at most {STYLES_MOST} styles and a share for each, got {len(styles)} and {len(given)}."
        )
    arguments = {
        "photo": photo,
        "styles": tuple(styles),
        "recipe": recipe,
        "shares": given,
        "mask": mask,
        "begin": begin,
        "before": before,
    }
    return Order("core.style.stylize:stylize", arguments)


def frames(job: Job) -> tuple[Frame, ...]:
    """The frames kept so far, those before a pause, the first and the latest among them."""
    kept = [each.frame for each in job.results if isinstance(each, Kept)]
    latest = _latest(job)
    if latest and (not kept or latest.frame.step > kept[-1].step):
        kept.append(latest.frame)
    return (*job.order.arguments["before"], *kept)


def curve(job: Job) -> tuple[tuple[int, int, tuple[Part, ...]], ...]:
    """Step, side and parts of every frame since the job began."""
    latest = _latest(job)
    return latest.curve if latest else ()


def pulls(job: Job) -> tuple[Pull, ...]:
    """How strongly each part pulled at the first picture of the size that is worked on."""
    latest = _latest(job)
    return latest.pulls if latest else ()


def result(job: Job) -> Styled | None:
    """What it ended or was stopped with."""
    return next((each for each in reversed(job.results) if isinstance(each, Styled)), None)


def best(job: Job) -> Frame | None:
    """The best picture: of the end, or else the latest frame."""
    done = result(job)
    seen = frames(job)
    return done.best if done else seen[-1] if seen else None


def beside(job: Job) -> tuple[Column, ...]:
    """The columns of three codes side by side, as they stand."""
    done = next((each for each in reversed(job.results) if isinstance(each, Beside)), None)
    seen = done or (job.tick.seen if job.tick else None)
    return seen.columns if seen else ()


def _latest(job: Job) -> Latest | None:
    return job.tick.seen if job.tick else None
