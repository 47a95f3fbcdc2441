"""The Feature space view in Streamlit's own test runner: the map and the table against core, stopping, links."""

import pytest

from core.augmentation import Chain, Step
from core.augmentation.embedding import embedding_map, embedding_shift, stage_layers
from core.bundled import bundled
from pages.foundations import augmentation_space as view
from tests.pages.test_augmentation_label import open_view, words

VIEW = "Feature space"
FEW = {"aug_chain": "rotate", "aug_space_variants": "8", "aug_space_count": "2", "aug_space_names": "hue"}


def test_the_map_is_that_of_core() -> None:
    app = open_view(VIEW, **FEW)
    found = embedding_map(bundled("Cat"), Chain((Step("rotate"),)), 8)
    assert f"**{found.distances.mean():.6g}**" in words(app)
    assert f"**{sum(found.explained):.6g}**" in words(app)
    first = stage_layers()[0]
    app.segmented_control(key="aug_space_layer").set_value(first).run()
    early = embedding_map(bundled("Cat"), Chain((Step("rotate"),)), 8, layer=first)
    assert f"**{early.distances.mean():.6g}**" in words(app)


def test_the_table_grows_to_that_of_core() -> None:
    open_view(VIEW, **FEW, photo="Coffee")
    photo = bundled("Coffee")
    rows = view._measured(photo.digest, 2, 0)
    assert set(rows) == {"hue"}
    assert rows["hue"] == pytest.approx(embedding_shift(photo, ("hue",), 2).distances[0], rel=1e-4)


def test_it_stops_and_goes_on() -> None:
    app = open_view(VIEW, **{**FEW, "aug_space_names": ""}, photo="Flower")
    app.multiselect(key="aug_space_names").set_value(["hue", "zoom", "blur"]).run()
    app.button(key="aug_space_stop").click().run()
    measured = set(view._measured(bundled("Flower").digest, 2, 0))
    app.run()
    assert set(view._measured(bundled("Flower").digest, 2, 0)) == measured
    assert app.button(key="aug_space_stop").label == "Go on"


def test_an_empty_chain_has_no_map() -> None:
    assert "The chain has no steps" in words(open_view(VIEW, **{**FEW, "aug_chain": "none"}))


@pytest.mark.parametrize("value", ["-1", "1e309", "<b>x</b>"])
def test_odd_links_fall_back(value: str) -> None:
    odd = {f"aug_space_{key}": value for key in ("layer", "variants", "count", "names")}
    app = open_view(VIEW, **{**odd, "aug_chain": "none"})
    assert app.segmented_control(key="aug_space_layer").value == stage_layers()[-1]
