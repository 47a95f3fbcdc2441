"""A chain as one line of text, short enough for a link: "zoom rotate(-45,45)*0.5 one(blur|noise)*0.3".

One word per step: the transform, its range where it is not the default one, options in brackets, a star and the
probability where it is not 1: "crop(0.5,1)[aspect=2]*0.5". A one-of group is `one(...)` with its steps between bars.
What is set for the whole chain follows as words of its own: "border=reflect", "fill=128", "interpolation=nearest".
"""

import re

from core.augmentation.catalogue import transform
from core.augmentation.chain import Chain, OneOf, Step

LONGEST = 2000
NOTHING = "none"
_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?"
_STEP = re.compile(
    rf"([a-z_]+)(?:\(({_NUMBER}),({_NUMBER})\))?(?:\[([^\]\[|()]*)\])?(?:\*({_NUMBER}))?", re.ASCII
)
_GROUP = re.compile(rf"one\((.*)\)(?:\*({_NUMBER}))?", re.ASCII)
_SETTING = re.compile(r"(border|fill|interpolation)=([a-z0-9]+)", re.ASCII)


def chain_from_text(text: str) -> Chain:
    """The chain that a text names; words are parted by spaces or plus signs, "none" is the empty chain.

    Raises: ValueError naming the word that cannot be read, or the rule and the value.
    """
    if len(text) > LONGEST:
        raise ValueError(f"A chain has at most {LONGEST} characters as text, got {len(text)}.")
    steps: list[Step | OneOf] = []
    settings: dict[str, str | int] = {}
    for word in re.split(r"[\s+]+", text.strip()):
        if word in ("", NOTHING):
            continue
        if found := _SETTING.fullmatch(word):
            name, value = found.groups()
            settings[name] = int(value) if value.isdigit() else value
        elif found := _GROUP.fullmatch(word):
            inside = tuple(_step(each) for each in found[1].split("|"))
            steps.append(OneOf(inside, _probability(found[2])))
        else:
            steps.append(_step(word))
    return Chain(tuple(steps), **settings)


def chain_to_text(chain: Chain) -> str:
    """The text that `chain_from_text` reads back to an equal chain."""
    words = [_group_word(each) if isinstance(each, OneOf) else _word(each) for each in chain.steps]
    for name, value, usual in (
        ("border", chain.border, "constant"),
        ("fill", chain.fill, 0),
        ("interpolation", chain.interpolation, "bilinear"),
    ):
        if value != usual:
            words.append(f"{name}={value}")
    return " ".join(words) or NOTHING


def _step(word: str) -> Step:
    found = _STEP.fullmatch(word)
    if found is None:
        raise ValueError(f'A step is written like "rotate(-30,30)*0.5", got "{word[:60]}".')
    name, low, high, options, probability = found.groups()
    whole = transform(name).whole
    ends = (None, None) if low is None else (_number(low, whole), _number(high, whole))
    return Step(name, *ends, probability=_probability(probability), options=_options(name, options or ""))


def _number(text: str, whole: bool) -> float:
    value = float(text)
    return int(value) if whole and value == int(value) else value


def _probability(text: str | None) -> float:
    return 1.0 if text is None else float(text)


def _options(name: str, text: str) -> dict[str, float | str]:
    pairs = [each.partition("=") for each in text.split(",") if each]
    return {key: _value(name, key, value) for key, _, value in pairs}


def _value(name: str, key: str, text: str) -> float | str:
    option = transform(name).option(key)
    if option.words:
        return text
    if not re.fullmatch(_NUMBER, text, re.ASCII):
        raise ValueError(f'{key} of {name} is a number, got "{text[:60]}".')
    return _number(text, option.whole)


def _word(step: Step) -> str:
    kind = transform(step.transform)
    word = step.transform
    if (step.low, step.high) != kind.default:
        word += f"({_plain(step.low)},{_plain(step.high)})"
    usual = {each.name: each.default for each in kind.options}
    changed = [f"{name}={_plain(value)}" for name, value in step.options if value != usual[name]]
    word += f"[{','.join(changed)}]" if changed else ""
    return word if step.probability == 1 else f"{word}*{_plain(step.probability)}"


def _group_word(group: OneOf) -> str:
    word = f"one({'|'.join(map(_word, group.steps))})"
    return word if group.probability == 1 else f"{word}*{_plain(group.probability)}"


def _plain(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
