"""Missing weights on the page: what is missing, a button that fetches it, progress, and the network trained."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.child_process import started
from core.networks import fetching, record, shelf, store
from core.networks.building import untrained
from pages.shared import fetch_weights
from tests.pages.opening import opened

PAGE = "pages/networks/features.py"
NAME = "squeezenet1_1"


@pytest.fixture(autouse=True)
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing fetched yet; a publisher who sends a network that nobody else has; no way to the real one."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv(store.FOLDER, raising=False)
    monkeypatch.setenv("STAND_IN_FILE", str(tmp_path / "published"))
    torch.save(untrained(record(NAME), 7).state_dict(), tmp_path / "published")
    monkeypatch.setattr(store, "checked", lambda _, path: path)  # its hash is not the real publisher's
    shelf.clear()
    yield
    shelf.clear()


def said(app: AppTest) -> str:
    texts = " ".join(each.value for each in (*app.warning, *app.error))
    return texts.replace("\\", "")  # they are escaped, so that no file name is read as Markdown


def pressed(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    deadline = time.monotonic() + 60
    while any(run.active for run in fetch_weights.FETCHER._runs.values()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
        app.run()
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("view", ["Maps", "Filters", "Why this class?"])
def test_missing_weights_are_offered_in_every_view(view: str) -> None:
    app = opened(PAGE, {"network": NAME, "feat_view": view})
    assert f"python -m core.networks fetch {NAME}" in said(app)
    assert "Shown here untrained." in said(app)
    assert f"{record(NAME).weights.size_mb:.0f} MB" in app.button(key="feat_fetch").label


def test_a_press_fetches_them_and_the_network_is_shown_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "started", lambda _: started("tests.core.fetching_stand_in"))
    app = pressed(opened(PAGE, {"network": NAME}), "feat_fetch")
    assert said(app) == ""
    assert not [button for button in app.button if button.key == "feat_fetch"]
    assert store.is_here(NAME)


def test_without_a_network_one_sentence_says_so_and_the_page_goes_on() -> None:
    app = pressed(opened(PAGE, {"network": NAME}), "feat_fetch")
    assert f"Could not fetch {record(NAME).title}" in said(app)
    assert app.button(key="feat_fetch").label
    assert "untrained" in said(app)


def test_the_second_network_has_an_offer_of_its_own() -> None:
    shown = {
        "network": NAME,
        "feat_section": "Side by side",
        "feat_network2": NAME,
        "feat_weights2": "trained",
    }
    app = opened(PAGE, shown)
    assert {"feat_fetch", "feat_fetch2"} <= {button.key for button in app.button}
