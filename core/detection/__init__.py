"""Object detection, from the raw grid of numbers to the last box: boxes, suppression, targets, detectors, scoring."""
