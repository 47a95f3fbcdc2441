"""The ConvNet explorer: page config, navigation and the frame around every page.

Start it with `python run.py`, or `streamlit run app.py` where everything is installed. The file is read in two
ways: the server imports it once and takes `app`; every visitor's run executes it as a script.
"""

import os
import time
from pathlib import Path
from threading import Thread

import streamlit as st
from streamlit.navigation.page import StreamlitPage

ICON = str(Path(__file__).parent / "assets" / "icon.png")  # a local file: nothing is fetched
WORKERS_AFTER_S = 15
PAGES = {
    "Start": [("pages/start/overview.py", "Overview", ":material/home:")],
    "Foundations": [
        ("pages/foundations/convolution.py", "Convolution", ":material/grid_on:"),
        ("pages/foundations/receptive_field.py", "Receptive field", ":material/center_focus_strong:"),
        ("pages/foundations/augmentation.py", "Augmentation", ":material/auto_awesome_motion:"),
    ],
    "Networks": [
        ("pages/networks/features.py", "Features", ":material/grid_view:"),
        ("pages/networks/transfer.py", "Transfer learning", ":material/model_training:"),
    ],
    "Applications": [
        ("pages/applications/detection.py", "Detection", ":material/filter_center_focus:"),
        ("pages/applications/two_stage.py", "Two stages", ":material/filter_2:"),
        ("pages/applications/style.py", "Style transfer", ":material/palette:"),
    ],
}


def navigation() -> StreamlitPage:
    """The menu: sections of pages; the first page is the one at the bare address."""
    first = next(iter(PAGES.values()))[0]
    return st.navigation(
        {
            section: [
                st.Page(path, title=title, icon=icon, default=(path, title, icon) == first)
                for path, title, icon in pages
            ]
            for section, pages in PAGES.items()
        },
        position="top",  # the pictures get the width that a sidebar would take
    )


@st.cache_resource(show_spinner=False)
def warm_in_background() -> Thread:
    """Import the heavy libraries once per process, while the first visitor looks at the first page.

    The processes for long work follow when the first visitor has had time to look around.
    """
    from core.warm import warm
    from pages.shared.jobs import ENGINE

    def warm_all() -> None:
        warm()
        time.sleep(float(os.environ.get("CONVNET_EXPLORER_WORKERS_AFTER_S", WORKERS_AFTER_S)))
        ENGINE.prepare()

    thread = Thread(target=warm_all, name="warm", daemon=True)
    thread.start()
    return thread


def run() -> None:
    """One run for one visitor: the page they chose, in its frame."""
    st.set_page_config(
        page_title="ConvNet explorer",
        page_icon=ICON,
        layout="wide",
    )
    st.logo(ICON, size="large")
    page = navigation()
    from pages.shared.frame import frame  # after the menu, which stands at once
    from pages.shared.turns import TURNS

    with TURNS.turn():
        frame(page.title)
        page.run()
    warm_in_background()


if __name__ == "__main__":
    run()
else:
    from starlette.middleware import Middleware
    from streamlit import net_util
    from streamlit.runtime.pages_manager import PagesManager

    from core.freed_memory import keep_little
    from pages.shared.allowance import UploadAllowance, keep_uploads_in_memory
    from pages.shared.headers import MIDDLEWARE

    # A folder called pages makes Streamlit look for its old kind of menu in the very first session, and a link
    # to a page then opens with "Page not found". The menu is ours, in app.py, from the start.
    PagesManager.uses_pages_directory = False
    # Streamlit would ask a server on the internet for this machine's address, for its greeting and when it refuses
    # a foreign origin. The app sends nothing: this computer's own address is as good an answer.
    net_util._external_ip = "127.0.0.1"
    keep_little()
    keep_uploads_in_memory()
    app = st.App(__file__, middleware=[*MIDDLEWARE, Middleware(UploadAllowance)])
