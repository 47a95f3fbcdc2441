"""The widgets of every page. Their values live in the URL, so that every state of a page is a link.

A value in a link that a widget does not offer falls back to the default. A lesson link may hide widgets
(`?hide=conv_stride`): their value then comes from the link and nothing is drawn.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from pages.shared import session

Option = TypeVar("Option")
_URL = "query-params"


def hidden_keys() -> frozenset[str]:
    """The widgets that the link hides."""
    return frozenset(st.query_params.get("hide", "").split(","))


def _linked(
    key: str, options: Sequence[Option], default: Option, shown: Callable[[Any], str] = str
) -> Option:
    """The option that the link names, as the widget shows it, for a hidden widget."""
    text = st.query_params.get(key)
    return next((option for option in options if shown(option) == text), default)


def _nearest(value: Any, options: Sequence[Any]) -> Any:
    return min(options, key=lambda option: abs(option - value))


def choices_slider(
    label: str, key: str, default: Any, options: Sequence[Any], *, help: str | None = None, **extra: Any
) -> Any:
    """A slider over the given numbers, in rising order; the default moves to the nearest of them.

    The options may change from run to run (impossible settings cannot be chosen): a value that is no longer
    offered moves to the nearest that is.
    """
    options = tuple(options)
    default = _nearest(default, options)
    if key in hidden_keys():
        return _linked(key, options, default, extra.get("format_func", str))
    held = session.held(key)
    if len(options) == 1:  # nothing to choose: a slider without a way to go would be an error
        st.select_slider(label, (*options, "–"), options[0], help=help, disabled=True, key=f"{key}_only")
        return options[0]
    if held is not None and held not in options:
        session.assign({key: _nearest(held, options)})
    return st.select_slider(label, options, default, key=key, help=help, bind=_URL, **extra)


def slider(
    label: str,
    key: str,
    default: int,
    low: int,
    high: int,
    step: int = 1,
    *,
    help: str | None = None,
    **extra: Any,
) -> int:
    """A slider over the whole numbers low, low + step, ... up to high."""
    return choices_slider(label, key, default, range(low, max(low, high) + 1, step), help=help, **extra)


def odd_slider(
    label: str, key: str, default: int, high: int, *, help: str | None = None, low: int = 1
) -> int:
    """A slider over the odd numbers from low to high: kernels with a centre."""
    return slider(label, key, default, low, high, 2, help=help)


def number(
    label: str,
    key: str,
    default: int,
    low: int,
    high: int,
    step: int = 1,
    *,
    help: str | None = None,
    **extra: Any,
) -> int:
    """A number that is typed or stepped, from low to high."""
    default = min(max(default, low), high)
    if key in hidden_keys():
        return _linked(key, range(low, high + 1), default)
    held = session.held(key)
    if held is not None and not low <= held <= high:
        session.assign({key: min(max(held, low), high)})
    bind = None if _is_infinite(st.query_params.get(key, "")) else _URL  # Streamlit stops at "1e309"
    return st.number_input(label, low, high, default, step, key=key, help=help, bind=bind, **extra)


def _is_infinite(text: str) -> bool:
    try:
        return math.isinf(float(text))
    except ValueError:
        return False


def choice(
    label: str,
    key: str,
    default: Option,
    options: Sequence[Option],
    *,
    help: str | None = None,
    format_func: Callable[[Any], str] = str,
    **extra: Any,
) -> Option:
    """One of a few options, all in sight."""
    if key in hidden_keys():
        return _linked(key, options, default, format_func)
    _forget_unless_offered(key, options)
    picked = st.segmented_control(
        label,
        options,
        default=default,
        required=True,
        key=key,
        help=help,
        format_func=format_func,
        bind=_URL,
        **extra,
    )
    return default if picked is None else picked


def select(
    label: str,
    key: str,
    default: Option,
    options: Sequence[Option],
    *,
    help: str | None = None,
    format_func: Callable[[Any], str] = str,
    **extra: Any,
) -> Option:
    """One of many options, in a list that opens."""
    options = tuple(options)
    if key in hidden_keys():
        return _linked(key, options, default, format_func)
    _forget_unless_offered(key, options)
    index = options.index(default)
    return st.selectbox(
        label, options, index, key=key, help=help, format_func=format_func, bind=_URL, **extra
    )


def several(
    label: str, key: str, default: Sequence[str], options: Sequence[str], most: int, **extra: Any
) -> tuple[str, ...]:
    """Up to `most` of many options, in the order they were chosen; in the link once each."""
    if key in hidden_keys():
        named = st.query_params.get_all(key)
        known = tuple(dict.fromkeys(option for option in named if option in options))[:most]
        return known if known or named == [""] else tuple(default)
    chosen = st.multiselect(label, options, default, max_selections=most, key=key, bind=_URL, **extra)
    return tuple(chosen)


def toggle(label: str, key: str, default: bool = False, *, help: str | None = None, **extra: Any) -> bool:
    """On or off."""
    if key in hidden_keys():
        return {"true": True, "false": False}.get(st.query_params.get(key, "").lower(), default)
    return st.toggle(label, default, key=key, help=help, bind=_URL, **extra)


def text(
    label: str, key: str, default: str, *, help: str | None = None, most: int = 2000, **extra: Any
) -> str:
    """A line of text, at most `most` characters."""
    if key in hidden_keys():
        return st.query_params.get(key, default)[:most]
    return st.text_input(label, default, most, key=key, help=help, bind=_URL, **extra)


def _forget_unless_offered(key: str, options: Sequence[Any]) -> None:
    if session.held(key) not in options:
        session.drop(key)
