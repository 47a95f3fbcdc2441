"""The app in Streamlit's own test runner, on a page that a link has opened."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).parents[2] / "app.py")


def opened(page: str, parameters: Mapping[str, str | list[str]], own: np.ndarray | None = None) -> AppTest:
    """A page, opened by a link, without an exception.

    Args:
        page: the page's file.
        parameters: of the link.
        own: a picture to upload before, on the first page.
    """
    app = AppTest.from_file(APP, default_timeout=240)
    if own is not None:
        app.run()
        buffer = io.BytesIO()
        Image.fromarray(own).save(buffer, "PNG")
        next(iter(app.file_uploader)).upload("mine.png", buffer.getvalue(), "image/png").run()
    app.switch_page(page)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception[0].message
    return app
