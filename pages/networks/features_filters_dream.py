"""What does it look for? A picture climbs from noise while the visitor watches, in a worker's process."""

from dataclasses import replace

import streamlit as st

from core import networks
from core.features.dream import GOALS, SIDES, Frame, Recipe, score_formula
from core.features.dream_film import dream_order, film, for_a_worker, scores
from core.figures import features_filters as figures
from core.jobs import Job, Order
from core.photo import Photo
from core.receptive_field import square_crop
from core.snippets import features_filters as snippets
from pages.networks import features_filters_source as source
from pages.networks.features_filters_source import Choice
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import plain_number, show_formula
from pages.shared.picture import picture
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

NAME = "dream"
_DAISY = 985  # in ImageNet-1k
_PARTS = {"fourier": "Smooth spectrum", "colours": "Colours of photos", "shaken": "Jitter and scale"}
_PARTS_HELP = (
    "Smooth spectrum: the picture is described by its waves, each divided by its frequency. Colours of photos: by the "
    "directions in which colours vary independently. Jitter and scale: shaken in every step, so that only what "
    "survives it counts."
)


def dream_section(photo: Photo, chosen: Choice) -> None:
    """The controls, the picture on its way, and how it is made."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        recipe = _recipe(chosen)
        twin = controls.toggle("Without regularisation, too", "feat_filters_twin", True, help=_PARTS_HELP)
        order = _order(photo, chosen, recipe, twin)
        st.button(
            "Make it",
            type="primary",
            icon=":material/play_arrow:",
            key="feat_filters_go",
            on_click=_start,
            args=(order,),
        )
    job = jobs.mine(NAME)
    fragment(_stage, run_every=jobs.EVERY_S if job and job.active else None)(order)
    _explanation(chosen, recipe)
    if not _from_photo(recipe):
        code_panel(snippets.dream(recipe, chosen.record.preprocessing.bgr))


def _recipe(chosen: Choice) -> Recipe:
    """What the controls ask for."""
    categories = chosen.record.categories
    goals = tuple(goal for goal in GOALS if goal != "class" or categories)
    goal = controls.choice("Look for", "feat_filters_goal", "channel", goals)
    index = chosen.index
    if goal == "class":
        names = tuple(f"{name} ({i})" for i, name in enumerate(categories))
        start = names[min(_DAISY, len(names) - 1)]
        index = names.index(controls.select("Class", "feat_filters_class", start, names, width=180))
    sign = controls.choice("Direction", "feat_filters_sign", "most", ("most", "least"))
    with st.popover("Settings", icon=":material/tune:"):
        fourier, colours, shaken = (
            controls.toggle(name, f"feat_filters_{key}", True, help=_PARTS_HELP)
            for key, name in _PARTS.items()
        )
        side = controls.slider(
            "Side of the picture, pixels", "feat_filters_side", 128, SIDES[0], SIDES[1], 32
        )
        steps = controls.slider("Steps", "feat_filters_steps", 96, 32, 256, 32)
        seed = controls.number("Seed", "seed", 0, 0, 9999, help="Of the noise at the start and of the jitter")
    layer = "" if goal == "class" else chosen.field.name
    return Recipe(goal, layer, index, sign == "least", side, steps, fourier, colours, shaken, seed)


def _from_photo(recipe: Recipe) -> bool:
    return recipe.goal == "layer"


def _order(photo: Photo, chosen: Choice, recipe: Recipe, twin: bool) -> Order:
    """What is ordered: the dream, and beside it the same without regularisation."""
    recipes = [recipe]
    if twin:
        recipes.append(replace(recipe, fourier=False, colours=False, shaken=False))
    start = None
    if _from_photo(recipe):
        start = square_crop(source.prepared(photo, chosen.look.network).pixels, recipe.side)
    return dream_order(chosen.look.network, chosen.look.weights, tuple(recipes), start)


def _start(order: Order) -> None:
    jobs.start(NAME, for_a_worker(order))


def _stage(order: Order) -> None:
    """The picture as it stands; drawn again and again while a run is on."""
    job = jobs.mine(NAME)
    name = job.order.arguments["network"] if job else ""
    if networks.is_guest(name) and not networks.is_present(name):
        job = None  # made with a network that the visitor has let go of
    jobs.follow(job, key="feat_filters", what="Dream")
    if job is None:
        st.info(
            "Press “Make it”: the picture appears here while it is being made.", icon=":material/play_circle:"
        )
        return
    if film(job):
        _pictures(job, order)
    elif job.active:
        st.skeleton(height=400)


def _pictures(job: Job, order: Order) -> None:
    recipes: tuple[Recipe, ...] = job.order.arguments["recipes"]
    films = [film(job, i) for i in range(len(recipes))]
    titles = (_title(job), "The same without regularisation")
    columns = st.columns([4, 4, 5] if len(films) > 1 else [5, 6])
    for number, (column, frames, title) in enumerate(zip(columns, films, titles, strict=False)):
        if not frames:
            continue
        with column:
            st.markdown(f"**{title}**")
            alt = f"{title} after {frames[-1].step} steps"
            # not st.image: a browser may ask for the file of a frame after the next one has taken its place
            picture(
                figures.dream_picture(frames[-1]), key=f"feat_filters_dream_{number}", alt=alt, height=420
            )
            st.caption(
                f"step {frames[-1].step} · score {plain_number(frames[-1].score)}{_pace(frames[-1], len(recipes))}"
            )
    with columns[-1]:
        show_formula(score_formula(recipes[0], films[0][-1]))
        st.plotly_chart(
            figures.score_chart(
                [scores(job, i) for i in range(len(films))], ("with", "without"), recipes[0].steps
            ),
            key="feat_filters_scores",
            alt=f"Score by step, now {films[0][-1].score:.3g}",
            config={"displayModeBar": False},
        )
        st.caption(
            "Without regularisation the score is often the higher one: fine noise excites the network most, and tells "
            "a person nothing."
            if len(films) > 1
            else "The score is measured on the picture as it was shaken in that step, so it trembles."
        )
        if _asked(job.order) != _asked(order):
            st.caption(":material/info: Made with other settings than those above; press Make it for these.")
    strip = figures.film_strip([frames for frames in films if frames])
    picture(
        strip, key="feat_filters_strip", alt="The picture at some of the steps, from the start to the latest"
    )


def _asked(order: Order) -> tuple[object, ...]:
    return tuple(order.arguments[key] for key in ("network", "weights", "recipes"))


def _pace(frame: Frame, together: int) -> str:
    """How long a step of one picture takes; several are made in turn."""
    return f" · {1000 * frame.seconds / frame.step / together:.0f} ms per step" if frame.step else ""


def _title(job: Job) -> str:
    recipe, known = job.order.arguments["recipes"][0], networks.record(job.order.arguments["network"])
    what = "least" if recipe.negative else "most"
    if recipe.goal == "class":
        return f"{plain(known.categories[recipe.index])}: {what} of it"
    if recipe.goal == "layer":
        return f"All of {recipe.layer}: {what}"
    return f"{recipe.goal.capitalize()} {recipe.index} of {recipe.layer}: {what}"


def _explanation(chosen: Choice, recipe: Recipe) -> None:
    where = "the output before the softmax: a probability could rise by silencing other classes"
    if recipe.goal != "class":
        normed = recipe.layer != chosen.layer
        norm = "after batch normalisation, " if normed else ""
        where = f"“{recipe.layer}”, {norm}before the ReLU: values below 0 count"
    start = "the photo" if _from_photo(recipe) else f"noise of seed {recipe.seed}"
    st.caption(
        f"Measured at {where}. It starts with {start}. One picture is one answer of many: another seed, or the photos "
        "under “Your own top nine”, may tell something else."
    )
