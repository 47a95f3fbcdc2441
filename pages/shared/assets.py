"""Where the browser components' scripts and styles lie: plain files, no build and no CDN.

A short script travels inline with every rerun. A long one is served as a file, which a browser fetches once.
"""

from pathlib import Path

from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

_ROOT = Path(__file__).parents[2]
_FOLDER = "assets/components"
_COMPONENTS = _ROOT / _FOLDER
_PACKAGE = "explorer"


def component_file(name: str) -> str:
    """The text of a file in assets/components."""
    return (_COMPONENTS / name).read_text(encoding="utf-8")


def serve_component(name: str) -> str:
    """Let the server hand out the files in assets/components to this component; return its full name.

    Streamlit looks for such folders in installed packages only, and the app is none: so the folder is named here,
    once per server.
    """
    full = f"{_PACKAGE}.{name}"
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(full) is None:
        manager.register_from_manifest(
            ComponentManifest(_PACKAGE, "1", [ComponentConfig(name, _FOLDER)]), _ROOT
        )
    return full
