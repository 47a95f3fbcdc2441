"""Promise S1 in the source itself: nothing that runs an upload, renders it as a page, or seeds everybody's dice."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("core", "pages", "benchmarks", "tests")
SOURCES = sorted(
    [*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
)

RUNS_DATA = {
    "pickle.load",
    "pickle.loads",
    "pickle.Unpickler",
    "marshal.load",
    "marshal.loads",
    "shelve.open",
    "joblib.load",
    "pandas.read_pickle",
    "torch.jit.load",
    "torch.export.load",
    "torch.hub.load",
    "yaml.load",
    "yaml.unsafe_load",
    "builtins.eval",
    "builtins.exec",
    "os.system",
    "os.popen",
}
RUNS_TEXT = {"eval", "exec"}
SEEDS_EVERYBODY = {"torch.manual_seed", "torch.cuda.manual_seed_all", "numpy.random.seed", "random.seed"}
KEYWORDS = {
    ("weights_only", False): "reads pickles",
    ("allow_pickle", True): "reads pickles",
    ("shell", True): "runs a shell",
    ("unsafe_allow_html", True): "renders HTML",
    ("unsafe_allow_javascript", True): "runs JavaScript",
}


def offences(source: str, *, test: bool = False) -> list[str]:
    """What a source file does that the promises rule out; a test may run what a page shows, and seed."""
    tree = ast.parse(source)
    names = imported_names(tree)
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = dotted(call.func, names)
        if name in RUNS_DATA or (name in RUNS_TEXT | SEEDS_EVERYBODY and not test):
            found.append(f"line {call.lineno}: {name}")
        found += [f"line {call.lineno}: {why}" for why in keyword_offences(call, name)]
    return found


def keyword_offences(call: ast.Call, name: str) -> Iterator[str]:
    given = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
    yield from (f"{name} {why}" for (word, value), why in KEYWORDS.items() if given.get(word, ()) is value)
    if name == "torch.load" and given.get("weights_only") is not True:
        yield "torch.load without weights_only=True"


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Each name that an import binds, and what it stands for."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def dotted(node: ast.expr, names: dict[str, str]) -> str:
    """`np.random.seed` as "numpy.random.seed"; "" for anything that is not a chain of names."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value, names)
        return f"{before}.{node.attr}" if before else ""
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_source_keeps_the_promises(path: Path):
    assert offences(path.read_text(encoding="utf-8"), test="tests" in path.relative_to(ROOT).parts) == []


def test_the_sources_are_found():
    found = {str(path.relative_to(ROOT)) for path in SOURCES}
    assert {
        "app.py",
        "core/photo/door.py",
        "pages/shared/picture_bar.py",
        "tests/security/test_source.py",
    } <= found


@pytest.mark.parametrize(
    "planted",
    [
        "import pickle\npickle.load(file)",
        "import pickle as p\np.loads(data)",
        "from pickle import loads as read\nread(data)",
        "import torch\ntorch.load(path)",
        "import torch\ntorch.load(path, weights_only=False)",
        "import torch\ntorch.load(path, weights_only=flag)",
        "from torch import load\nload(path)",
        "import torch.jit\ntorch.jit.load(path)",
        "from torch import jit\njit.load(path)",
        "import torch\ntorch.export.load(path)",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "anything(weights_only=False)",
        "eval(text)",
        "exec(text)",
        "import builtins\nbuiltins.exec(text)",
        "import yaml\nyaml.load(text)",
        "import os\nos.system(text)",
        "from os import system\nsystem(text)",
        "import subprocess\nsubprocess.run(text, shell=True)",
        "import streamlit as st\nst.markdown(text, unsafe_allow_html=True)",
        "def f():\n    import torch\n    torch.manual_seed(0)",
        "import numpy as np\nnp.random.seed(0)",
        "import random\nrandom.seed(0)",
    ],
)
def test_planted_offenders_are_caught(planted: str):
    assert len(offences(planted)) >= 1


@pytest.mark.parametrize(
    "harmless",
    [
        "network.eval()",
        "import torch\ntorch.load(path, weights_only=True)",
        "import torch\ngenerator = torch.Generator().manual_seed(0)",
        "import numpy as np\nnp.load(path)",
        "import numpy as np\nnp.random.default_rng(0)",
        "import random\nrandom.Random(0)",
        "import json\njson.load(file)",
        "import subprocess\nsubprocess.run([text])",
        "'eval(text)'",
    ],
)
def test_harmless_lines_pass(harmless: str):
    assert offences(harmless) == []


def test_a_test_may_run_what_a_page_shows_and_nothing_worse():
    assert offences("exec(snippet, space)\neval(formula)", test=True) == []
    assert offences("import pickle\npickle.loads(data)", test=True) != []
