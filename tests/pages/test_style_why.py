"""The view Why it works: shuffled places, one layer rebuilt, the Gram X-ray, distances; odd photos."""

import numpy as np
import pytest
import torch

from core.bundled import bundled
from core.networks import store
from core.photo import Photo
from core.snippets import style_why as snippets
from core.style.fast import paint
from core.style.gram_matrix import difference
from core.style.pairs import strongest_pairs
from core.style.pictures import STYLES, style_picture
from core.style.xray import Look, distances, maps_of, matrices_of, rank_correlation, shuffle
from pages.applications.style_xray import PAIRS
from pages.shared.formula_view import plain_number
from tests.core.test_style_xray import LOOK, mean_matrix
from tests.pages.test_style import SMALL, UNTRAINED, charts, open_view, ran, words


def test_the_shuffle_has_core_s_numbers() -> None:
    app = open_view("Why it works", **UNTRAINED, style_why_layer="relu2_1", seed="3")
    found = shuffle(maps_of(bundled("Cat").pixels, LOOK, ("relu2_1",))["relu2_1"], 3)
    assert f"**{plain_number(found.content)}**" in words(app)
    assert f"**{plain_number(found.largest / found.norm)}**" in words(app)


@pytest.mark.parametrize("which", PAIRS[:2])
def test_the_pair_is_core_s_in_all_three_pictures(which: str) -> None:
    app = open_view(
        "Why it works",
        **UNTRAINED,
        style_section="Gram X-ray",
        style_why_layer="relu2_1",
        style_pairs=which,
        style_pair="2",
    )
    photo, style = bundled("Cat").pixels, style_picture("brush")
    pictures = (style, photo, paint(photo, [(style, 1.0)]).pixels)
    maps = [maps_of(each, LOOK, ("relu2_1",))["relu2_1"] for each in pictures]
    target, own, current = (mean_matrix(each) for each in maps)
    pair = strongest_pairs(target if which == PAIRS[0] else np.abs(target - current))[1]
    assert f"Channels **{pair[0]}** and **{pair[1]}** of relu2_1" in words(app)
    for name, matrix in (("style", target), ("photo", own), ("current picture", current)):
        assert f"The {name}: mean product **{matrix[pair]:.4g}**" in words(app)
    for name, matrix in (("photo", own), ("current picture", current)):
        assert f"Style − {name}**: |A − G| / |A| = **{difference(matrix, target):.3g}**" in words(app)
    assert [app.number_input(key=key).value for key in ("style_pair_first", "style_pair_second")] == [*pair]


def test_any_two_channels_can_be_named() -> None:
    app = open_view(
        "Why it works",
        **UNTRAINED,
        style_section="Gram X-ray",
        style_why_layer="relu1_1",
        style_pairs="any two",
        style_pair_first="7",
        style_pair_second="7",
        style_xray_sorted="false",
    )
    assert "Channels **7** and **7** of relu1_1, a channel with itself" in words(app)
    app.segmented_control(key="style_pairs").set_value("strong in the style").run()
    first = app.number_input(key="style_pair_first").value
    app.segmented_control(key="style_pairs").set_value("any two").run()  # begins with the pair seen last
    assert app.number_input(key="style_pair_first").value == first
    assert f"Channels **{first}** and" in words(app)


def test_without_a_run_the_x_ray_shows_what_is_painted_at_once() -> None:
    app = open_view("Why it works", **UNTRAINED, style_section="Gram X-ray", style_xray_current="of the run")
    assert "There is no run yet" in words(app)


def test_the_x_ray_shows_the_picture_of_the_run() -> None:
    app = ran(open_view("Step by step", **SMALL), "style_go", "loss")
    app.segmented_control(key="style_view").set_value("Why it works").run()
    app.segmented_control(key="style_section").set_value("Gram X-ray").run()
    app.segmented_control(key="style_xray_current").set_value("of the run").run()
    assert not app.exception
    assert "There is no run yet" not in words(app)
    (frame,) = [each for each in app.select_slider if each.label == "Frame"]
    shares = []
    for step in (frame.options[0], frame.options[-1]):
        frame.set_value(int(step)).run()
        assert f"After {step} steps, seen as the run sees it: average pooling, 64 pixels." in words(app)
        shares.append(
            float(words(app).split("Style − current picture**: |A − G| / |A| = **")[1].split("*")[0])
        )
        (frame,) = [each for each in app.select_slider if each.label == "Frame"]
    assert shares[1] < shares[0]
    app.selectbox(key="style_network").set_value("vgg16").run()
    assert "The run looked through vgg16_hed, untrained: choose the same." in words(app)


def test_the_numbers_of_the_shuffle_wait_for_the_answer() -> None:
    app = open_view("Why it works", **UNTRAINED, ask="style_shuffle")
    assert "The Gram matrices and the numbers are shown after the answer." in words(app)
    assert "Its Gram matrix" not in words(app)
    app.radio(key="guess_style_shuffle").set_value("the content loss").run()
    app.button(key="reveal_style_shuffle").click().run()
    assert "Right" in app.success[0].value
    assert "Its Gram matrix" in words(app)


@pytest.mark.parametrize("kind", ["content", "style"])
def test_one_layer_is_rebuilt_from_noise(kind: str) -> None:
    app = open_view(
        "Why it works",
        **UNTRAINED,
        style_section="Rebuild",
        style_rebuild=kind,
        style_why_layer="relu1_2",
        style_rebuild_side="64",
        style_rebuild_steps="20",
    )
    app = ran(app, "style_rebuild_go", f"The same **{kind} relu1_2**")
    (said,) = [each.value for each in app.caption if "of that of the noise" in each.value]
    share = float(said.split("its loss is ")[1].split("%")[0])
    assert 0 <= share < 60


@pytest.fixture
def only_untrained(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path)


@pytest.mark.parametrize("by", ["mean of all", "relu3_1"])
@pytest.mark.usefixtures("only_untrained")
def test_styles_are_ranked(by: str) -> None:
    """Own styles among them; without trained weights by the untrained network, with the offer to fetch the others."""
    app = open_view(
        "Why it works", style_section="Distance", style_rank_by=by, style_pictures=["ink", "Bricks"]
    )
    layers = [f"relu{block}_1" for block in range(1, 6)]
    pictures = {style.title: style_picture(name) for name, style in STYLES.items()}
    pictures["Bricks"] = bundled("Bricks").pixels
    own, *others = (matrices_of(each, LOOK, layers) for each in (bundled("Cat").pixels, *pictures.values()))
    found = distances(own, others)
    score = found.mean(axis=1) if by == "mean of all" else found[:, 2]
    ranked = sorted(zip(score, pictures, strict=True))
    assert ", ".join(f"{name} {value:.2f}" for value, name in ranked) in " ".join(charts(app))
    assert f"from {found.min():.2f} to {found.max():.2f}" in words(app)
    assert app.button(key="style_why_fetch")
    assert "Rank correlation" not in words(app)


def test_two_rankings_are_correlated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trained network's place is taken by another untrained one."""
    from pages.applications import style_distance as page

    def matrices(of: Photo, look: Look) -> dict[str, np.ndarray]:
        value = np.float64(int(of.digest[:6], 16) % 97 + 1)
        return {
            name: np.eye(3) * (value if look.weights == "trained" else value % 7 + 1) for name in page.LAYERS
        }

    monkeypatch.setattr(page, "matrices", matrices)
    monkeypatch.setattr(page.networks, "is_here", lambda name: True)
    app = open_view("Why it works", style_section="Distance")
    photos = [bundled("Cat"), *(Photo.of(style_picture(name)) for name in STYLES)]
    scores = []
    for way in ("trained", "untrained"):
        own, *others = (matrices(each, Look("", way))["relu1_1"][0, 0] for each in photos)
        scores.append([abs(each - own) / own for each in others])
    assert f"by mean of all: **{rank_correlation(*scores):.2f}**" in words(app)
    assert len(charts(app)) == 2


@pytest.mark.parametrize("section", ["Shuffle", "Gram X-ray", "Distance"])
@pytest.mark.parametrize("layer", ["relu1_1", "conv5_3"])
@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((40, 40, 3), 128, np.uint8),
        np.zeros((200, 4000, 3), np.uint8),
        np.zeros((4000, 200, 3), np.uint8),
    ],
    ids=["one pixel", "grey", "strip", "tower"],
)
@pytest.mark.usefixtures("only_untrained")
def test_odd_photos_are_looked_into(section: str, layer: str, pixels: np.ndarray) -> None:
    app = open_view("Why it works", pixels, **UNTRAINED, style_section=section, style_why_layer=layer)
    assert not app.exception
    assert "nan" not in words(app)


def test_the_code_shuffles() -> None:
    room = {"maps": torch.rand(4, 5, 6, generator=torch.Generator().manual_seed(0))}
    exec(snippets.shuffle(), room)
    gap, content = room["result"]
    assert gap < 1e-14
    assert content > 0.1


def test_the_code_tells_how_far_a_style_is() -> None:
    dice = torch.Generator().manual_seed(0)
    one, other = (torch.rand(4, 5, 6, generator=dice) for _ in range(2))
    there, wanted = (mean_matrix(each.double().numpy()) for each in (one, other))
    room = {"style": [one], "photo": [other]}
    exec(snippets.distance(), room)
    assert room["result"] == pytest.approx(difference(there, wanted))
    room = {"F": one, "S": other}
    exec(snippets.gram_difference(), room)
    share, pair, place = room["result"]
    assert share == pytest.approx(difference(there, wanted))
    assert pair == strongest_pairs(np.abs(wanted - there))[0]
    product = (other[pair[0]] * other[pair[1]]).numpy()
    assert product[place] == product.max()
