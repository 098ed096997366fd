"""Charts as geometry that templates draw as SVG, beside a table of the same numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, ROW, GAP, LABEL = 720, 18, 8, 250
COLUMN_HEIGHT = 150
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One segment of a bar: its position and size in SVG units, its series and its count."""

    x: float
    y: float
    width: float
    height: float
    series: str
    count: int


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One row or column of a chart with its label."""

    label: str
    x: float
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its size, its lines, and the end of its scale."""

    width: int
    height: int
    lines: tuple[ChartLine, ...]
    top: int


@dataclass(frozen=True, slots=True)
class LabelledCounts:
    """A label with one count per series, in the order of the series."""

    label: str
    counts: tuple[int, ...]


def scale_end(largest: int) -> int:
    """Return the end of a scale: 1, 2 or 5 times a power of ten, at or above the largest."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= largest:
                return step * power
        power *= 10


def rows(series: Sequence[str], labels: Sequence[LabelledCounts]) -> Chart:
    """Return a horizontal bar per label, with its series one after the other."""
    top = scale_end(max((sum(one.counts) for one in labels), default=0))
    unit = (WIDTH - LABEL) / top
    lines = []
    for place, one in enumerate(labels):
        y = place * (ROW + GAP)
        bars, x = [], float(LABEL)
        for name, count in zip(series, one.counts, strict=True):
            if count:
                bars.append(Bar(round(x, 1), y, round(count * unit, 1), ROW, name, count))
                x += count * unit
        lines.append(ChartLine(one.label, LABEL - 8, y + ROW - 5, tuple(bars)))
    height = max(1, len(labels)) * (ROW + GAP)
    return Chart(WIDTH, height, tuple(lines), top)


def columns(series: Sequence[str], labels: Sequence[LabelledCounts]) -> Chart:
    """Return a vertical bar per label, with its series stacked."""
    top = scale_end(max((sum(one.counts) for one in labels), default=0))
    step = WIDTH / max(1, len(labels))
    unit = COLUMN_HEIGHT / top
    lines = []
    for place, one in enumerate(labels):
        x, y = place * step, float(COLUMN_HEIGHT)
        bars = []
        for name, count in zip(series, one.counts, strict=True):
            if count:
                y -= count * unit
                bars.append(
                    Bar(
                        round(x + 1, 1),
                        round(y, 1),
                        round(step - 2, 1),
                        round(count * unit, 1),
                        name,
                        count,
                    )
                )
        lines.append(ChartLine(one.label, round(x + step / 2, 1), COLUMN_HEIGHT + 14, tuple(bars)))
    return Chart(WIDTH, COLUMN_HEIGHT + 20, tuple(lines), top)
