"""The rules of the house that a machine can hold: who may import what, how long a file is, one stem per concept."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [
    *sorted(path for folder in ("core", "pages", "benchmarks") for path in (ROOT / folder).rglob("*.py")),
    ROOT / "app.py",
    ROOT / "run.py",
]
SCRIPTS = sorted((ROOT / "assets" / "components").glob("*.*"))
MOST_LINES = 300
HEAVY = {"torch", "torchvision", "timm", "onnxruntime"}
BELOW_PAGES = HEAVY | {"cv2"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    """The modules that a file imports, anywhere or only when it is itself imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def roots(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


@pytest.mark.parametrize("path", SOURCES + SCRIPTS, ids=name_of)
def test_no_file_is_longer_than_a_screenful_of_screens(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", sorted((ROOT / "core").rglob("*.py")), ids=name_of)
def test_core_computes_and_does_not_draw_pages(path: Path) -> None:
    used = roots(imports(path))
    assert not used & {"streamlit", "pages"}
    if "figures" not in path.parts:
        assert "plotly" not in used


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=name_of)
def test_pages_leave_the_arithmetic_to_core(path: Path) -> None:
    assert not roots(imports(path)) & BELOW_PAGES


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=name_of)
def test_only_the_session_file_touches_session_state(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert path.name == "session.py" or "st.session_state" not in source
    assert not re.search(
        r"query_params\[.*\]\s*=|query_params\.(update|from_dict|clear|pop)|del st\.query", source
    )


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_that_was_ruled_out_is_used(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for banned in ("unsafe_allow_html", "use_container_width", "<style", "st.html(", "st.experimental"):
        assert banned not in source


def test_no_drawer_for_odds_and_ends() -> None:
    names = {path.stem for path in SOURCES}
    assert not names & {"utils", "util", "helpers", "helper", "common", "misc"}


def test_no_page_lies_directly_in_pages() -> None:
    assert [path.name for path in (ROOT / "pages").glob("*.py")] == ["__init__.py"]


def test_every_page_in_the_menu_has_its_rooms() -> None:
    """One stem on every floor: page, computation, figures, snippets, tests."""
    pages = re.findall(r'"pages/(\w+)/(\w+)\.py"', (ROOT / "app.py").read_text(encoding="utf-8"))
    assert pages
    for section, stem in pages:
        assert (ROOT / "pages" / section / f"{stem}.py").exists()
        if section == "start":
            continue
        assert (ROOT / "core" / stem).is_dir() or (ROOT / "core" / f"{stem}.py").exists()
        assert (ROOT / "core" / "figures" / f"{stem}.py").exists()
        assert (ROOT / "core" / "snippets" / f"{stem}.py").exists()
        assert list((ROOT / "tests" / "core").glob(f"test_{stem}*.py"))
        assert list((ROOT / "tests" / "browser").glob(f"test_{stem}*.py"))
        assert (ROOT / "benchmarks" / f"{stem}.py").exists()


def test_the_first_page_stands_without_the_heavy_libraries() -> None:
    """Importing everything that the first pages compute with loads neither torch nor its companions."""
    script = (
        "import sys, core.photo, core.bundled, core.convolution, core.receptive_field, pages.shared.frame;"
        f"print(sorted(set({sorted(HEAVY)!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "command",
    [("lint-imports", "--no-cache"), ("ruff", "check", "."), ("ruff", "format", "--check", ".")],
    ids=" ".join,
)
def test_the_linters_agree(command: tuple[str, ...]) -> None:
    tool = Path(sys.executable).parent / command[0]
    done = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
