"""Text that came from outside (file names, messages about files), shown letter by letter."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=/@])")


def plain(text: str) -> str:
    """The text with every character that Markdown, LaTeX or HTML would read escaped."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
