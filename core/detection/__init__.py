"""Finding objects: boxes and their overlap, suppression of doubles, and how a detector is scored."""
