"""The sanity check: every method on the trained network and on ones whose layers are random, from the output down."""

import math

import streamlit as st

from core.features.explanations import METHODS, Trial
from core.features.explanations.sanity import stages
from core.features.verdict import sanity_verdict, stubborn, withstood
from core.figures import features_why as figures
from core.figures import features_why_charts as charts
from core.snippets import features_why as snippets
from pages.networks import features_why_source as source
from pages.networks.features_why_source import Asked, Wish
from pages.networks.features_why_waiting import AGAIN, Work, follow
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.map_wall import Heading, Tile, map_wall
from pages.shared.picture import picture

_DEPTH = "feat_why_depth"
Found = dict[str, tuple[Trial, ...]]


def sanity_section(asked: Asked, wish: Wish, veiled: frozenset[str]) -> None:
    """The table of maps, the curves of their likeness, and one pair large."""
    parts = [stage.title for stage in stages(source.subject(asked).circuit)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        depth = controls.slider(
            "Parts that are random, from the output down",
            _DEPTH,
            min(4, len(parts)),
            0,
            len(parts),
            width=420,
        )
        measure = controls.choice(
            "Likeness as",
            "feat_why_measure",
            "ranks",
            tuple(charts.MEASURES),
            format_func=lambda name: charts.MEASURES[name],
            help="Rank correlation: do the same places come first? SSIM: do the pictures look alike?",
        )
    methods = source.wanted(asked, wish)
    follow(
        Work("sanity", "cascade", asked, methods, wish.seed),
        lambda: _drawn(asked, wish, methods, parts, depth, measure, "stubborn" in veiled),
    )


def _drawn(
    asked: Asked,
    wish: Wish,
    methods: tuple[str, ...],
    parts: list[str],
    depth: int,
    measure: str,
    veiled: bool,
) -> None:
    found: Found = dict(source.results("cascade", asked, methods, wish.seed))
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    whole = {name: trials for name, trials in found.items() if len(trials) == len(parts) + 1}
    if len(whole) == len(methods):
        st.markdown(f":material/gavel: **{sanity_verdict(whole)}**")
    if not asked.trained:
        st.caption(":material/info: Untrained: nothing was learned, so there is nothing to lose either.")
    _table(asked, wish, methods, parts, found, depth, measure)
    left, right = st.columns([7, 6], gap="large")
    strong = stubborn(whole)[0] if whole else wish.method
    with left:
        if found:
            st.plotly_chart(
                charts.sanity_chart(found, measure, strong, wish.method, depth),
                key="feat_why_sanity_chart",
                alt=charts.sanity_alt(found, measure),
                config={"displayModeBar": False},
            )
    with right:
        for name in dict.fromkeys((strong, wish.method)):
            if len(found.get(name, ())) > depth:
                _pair(asked, found[name], depth)
    st.caption(
        "Every number of a part is drawn anew with that part's mean and deviation; what batch normalisation counted in "
        "training stays. A map that does not change cannot show what was learned (Adebayo et al. 2018, arXiv "
        "1810.03292). Slow methods do less work here than above."
    )
    code_panel(snippets.sanity(), "Show the code: the sanity check")


def _table(
    asked: Asked,
    wish: Wish,
    methods: tuple[str, ...],
    parts: list[str],
    found: Found,
    depth: int,
    measure: str,
) -> None:
    columns = [Heading("trained", marked=depth == 0)]
    columns += [Heading(f"{i} random", part, depth == i) for i, part in enumerate(parts, 1)]
    tiles, rows = [], []
    for name in methods:
        trials = found.get(name, ())
        complete = len(trials) == len(columns)
        note = f"alike until {withstood(trials)} of {len(parts)}" if complete else ""
        rows.append(Heading(METHODS[name].title, note, name == wish.method))
        pictures = source.rungs(asked, name, trials, wish.seed)
        for i in range(len(columns)):
            there = i < len(trials)
            tiles.append(
                Tile(
                    f"{name}:{i}",
                    note=_number(trials[i], measure) if there else "",
                    picture=pictures[i] if there else None,
                    blank="" if there else "…",
                    marked=i == depth and name == wish.method,
                    alt=f"{METHODS[name].title}, {i} parts random",
                )
            )
    map_wall(
        tiles,
        key="feat_why_sanity_wall",
        alt=f"Maps of {len(methods)} methods with 0 to {len(parts)} parts random",
        rows=rows,
        columns=columns,
        on_pick=_pick,
    )


def _pick(name: str) -> None:
    """A click on a map: its method and depth."""
    method, _, depth = name.partition(":")
    if method in METHODS and depth.isdigit():
        session.assign({"feat_why_method": method, _DEPTH: int(depth), AGAIN: True})


def _number(trial: Trial, measure: str) -> str:
    value = getattr(trial.likeness, measure)
    return "empty" if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def _pair(asked: Asked, trials: tuple[Trial, ...], depth: int) -> None:
    """A method's map with trained and with random parts, large."""
    title = METHODS[trials[0].method].title
    st.markdown(
        f"**{title}**: trained, and with {depth} parts random · "
        f"rank correlation {_number(trials[depth], 'ranks')}, SSIM {_number(trials[depth], 'picture')}"
    )
    for column, trial in zip(st.columns(2), (trials[0], trials[depth]), strict=True):
        with column:
            picture(
                figures.painted(asked.pixels, trial.found),
                key=f"feat_why_pair_{trial.method}_{trial.depth > 0}",
                alt=f"{title} with {trial.depth} parts random",
                marker=figures.NOWHERE,
                height=260,
            )
