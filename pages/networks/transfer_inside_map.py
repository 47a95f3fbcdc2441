"""Map: all photos by what the trunk makes of them, before and after training."""

import streamlit as st

from core.figures import transfer_after as figures
from core.jobs import Job, Order
from pages.networks.transfer_runs import Training
from pages.networks.transfer_works import on_demand


def map_section(found: Training) -> None:
    """Two maps side by side."""
    trained = found.trained
    arguments = {
        "photos": found.photos,
        "network": trained.recipe.network,
        "weights": trained.weights,
        "size_px": trained.recipe.size_px,
        "seed": trained.recipe.seed,
    }
    on_demand(
        "map",
        Order("core.transfer.photo_map:map_photos", arguments),
        lambda job: _maps(found, job),
        button="Map the photos",
        about=f"{len(found.photos.samples)} photos go through both networks; t-SNE lays their features out on a plane.",
    )


def _maps(found: Training, job: Job) -> None:
    result = job.results[-1]
    numbers, shares, part = found.judged
    labels = [sample.label for sample in found.photos.samples]
    wrong = {number for number, row in zip(numbers, shares, strict=True) if row.argmax() != labels[number]}
    maps = [
        (f"before: {result.separation_before:.0%} nearest to their own class", result.before),
        (f"after: {result.separation_after:.0%}", result.after),
    ]
    names = [sample.photo.name for sample in found.photos.samples]
    st.plotly_chart(
        figures.embedding_figure(maps, labels, found.photos.classes, names, wrong),
        key="tl_map_chart",
        alt=figures.embedding_alt(maps, labels, found.photos.classes, wrong),
        config={"displayModeBar": False},
    )
    frozen = found.trained.recipe.approach == "features"
    st.caption(
        f"Ringed: photos of the {part} part that are taken for another class. The percentages are measured on the "
        "features themselves, not on the map, whose distances are only roughly right."
        + (" Here the trunk was frozen: both maps are of the same features." if frozen else "")
        + " After training, photos it trained on lie apart more easily than new ones."
    )
