"""A chain as YAML and back: nothing in the file is executed, and whatever is wrong with it is one sentence.

Only `yaml.safe_load` reads it, after the size was checked; aliases are refused, because a few lines of them unfold to
gigabytes. Limits: 64 kB, 20 steps, 8 choices.
"""

from collections.abc import Mapping

from core.augmentation.chain import Chain, OneOf, Step

BYTES_MOST = 65_536
DEPTH_MOST = 12
FORMAT = 1
_CHAIN_KEYS = ("format", "border", "fill", "interpolation", "steps")
_STEP_KEYS = ("transform", "low", "high", "probability", "options")
_GROUP_KEYS = ("one_of", "probability")


class RecipeError(ValueError):
    """A recipe that cannot be read; its text is one sentence for a person."""


def to_yaml(chain: Chain) -> str:
    """The chain as YAML text that `from_yaml` reads back to an equal chain."""
    import yaml

    found = {
        "format": FORMAT,
        "border": chain.border,
        "fill": chain.fill,
        "interpolation": chain.interpolation,
        "steps": [_element_out(each) for each in chain.steps],
    }
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True)


def from_yaml(data: bytes | str) -> Chain:
    """The chain of a recipe.

    Args:
        data: the file, at most 64 kB of UTF-8.

    Raises: RecipeError, whose sentence names the rule and the value found.
    """
    found = _mapping(_parsed(data), "A recipe", _CHAIN_KEYS)
    if found.get("format", FORMAT) != FORMAT:
        raise RecipeError(f"The format of a recipe is {FORMAT}, got {_short(found['format'])}.")
    listed = found.get("steps", [])
    if not isinstance(listed, list):
        raise RecipeError(f"The steps of a recipe are a list, got {_short(listed)}.")
    settings = {key: found[key] for key in ("border", "fill", "interpolation") if key in found}
    steps = tuple(_numbered(i, each) for i, each in enumerate(listed[:100], start=1))
    return _built("The recipe", Chain, steps, **settings)


def _parsed(data: bytes | str) -> object:
    import yaml

    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > BYTES_MOST:
        raise RecipeError(f"A recipe has at most {BYTES_MOST:,} bytes, got {len(raw):,}.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(f"A recipe is UTF-8 text, got byte {raw[error.start]} at {error.start}.") from error
    try:
        _checked_events(text)
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"a mistake in line {mark.line + 1}" if mark else "a mistake"
        raise RecipeError(f"A recipe is YAML, got {where}: {_problem(error)}.") from error
    except (ValueError, OverflowError, RecursionError, AttributeError, TypeError) as error:
        if isinstance(error, RecipeError):
            raise
        raise RecipeError(
            f"A recipe is YAML of plain texts and numbers, got {_short(str(error))}."
        ) from error


def _checked_events(text: str) -> None:
    """Neither aliases, which unfold, nor nesting that nobody needs."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise RecipeError(f"A recipe has no YAML aliases, got *{_short(event.anchor)}.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MOST:
            raise RecipeError(f"A recipe is nested at most {DEPTH_MOST} deep, got more.")


def _numbered(number: int, each: object) -> Step | OneOf:
    what = f"Step {number}"
    if isinstance(each, Mapping) and "one_of" in each:
        found = _mapping(each, what, _GROUP_KEYS)
        if not isinstance(found["one_of"], list):
            raise RecipeError(f"{what}: a one-of group is a list of steps, got {_short(found['one_of'])}.")
        inside = tuple(
            _step(f"{what}, choice {i}", one) for i, one in enumerate(found["one_of"][:100], start=1)
        )
        return _built(what, OneOf, inside, found.get("probability", 1.0))
    return _step(what, each)


def _step(what: str, each: object) -> Step:
    found = _mapping(each, what, _STEP_KEYS)
    if "transform" not in found:
        raise RecipeError(f"{what} names a transform, got {_short(dict(found))}.")
    options = _mapping(found.get("options") or {}, f"The options of {what.lower()}", None)
    ends = found.get("low"), found.get("high")
    return _built(what, Step, found["transform"], *ends, found.get("probability", 1.0), options)


def _mapping(found: object, what: str, keys: tuple[str, ...] | None) -> Mapping:
    if not isinstance(found, Mapping):
        raise RecipeError(f"{what} is a mapping of names to values, got {_short(found)}.")
    for key in found:
        if not isinstance(key, str) or (keys is not None and key not in keys):
            known = "texts" if keys is None else f"among {', '.join(keys)}"
            raise RecipeError(f"{what} has names {known}, got {_short(key)}.")
    return found


def _built(what: str, kind, *values, **settings):
    """A settings object, or its own sentence with the place in front."""
    try:
        return kind(*values, **settings)
    except (ValueError, TypeError) as error:
        raise RecipeError(f"{what}: {_short(str(error), 300, quoted=False)}") from error


def _element_out(each: Step | OneOf) -> dict:
    if isinstance(each, OneOf):
        return {"one_of": [_element_out(step) for step in each.steps], "probability": each.probability}
    found = {"transform": each.transform, "low": each.low, "high": each.high, "probability": each.probability}
    return found | ({"options": dict(each.options)} if each.options else {})


def _problem(error: Exception) -> str:
    return _short(getattr(error, "problem", None) or "it cannot be read", 120, quoted=False)


def _short(value: object, most: int = 60, *, quoted: bool = True) -> str:
    """A value on one line, cut where it is long."""
    text = " ".join((repr(value) if quoted else str(value)).split())
    return text if len(text) <= most else f"{text[: most - 3]}..."
