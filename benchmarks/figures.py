"""Figures, what they are held against, and how they are written down."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Figure:
    """One measured quantity.

    Attributes:
        name: what was measured.
        unit: of the values.
        values: one a round.
        note: what else is to be said.
    """

    name: str
    unit: str
    values: list[float]
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass
class Verdict:
    """A figure, or a ratio of two, and the target for it."""

    name: str
    value: float
    target: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def words(self) -> str:
        if math.isnan(self.value):
            return "too short to tell"
        if self.is_met:
            return "met"
        return f"missed by {abs(self.value / self.target - 1):.0%}"


@dataclass
class Report:
    """What a suite has found."""

    title: str
    command: str
    figures: list[Figure] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    def add(self, name: str, unit: str, values: list[float], note: str = "") -> Figure:
        figure = Figure(name, unit, values, note)
        self.figures.append(figure)
        return figure

    def judge(self, name: str, value: float, target: float, unit: str = "", *, at_least: bool = False) -> None:
        self.verdicts.append(Verdict(name, value, target, unit, at_least))

    def ratio(self, name: str, one: Figure, other: Figure, target: float, *, at_least: bool = False) -> None:
        """Judge the median of the ratios of each round: what disturbs a round disturbs both.

        A round so short that the operating system counted no time for the other says nothing.
        """
        shares = [mine / its for mine, its in zip(one.values, other.values, strict=True) if its]
        self.judge(name, statistics.median(shares) if shares else math.nan, target, at_least=at_least)

    def markdown(self) -> str:
        lines = [f"### {self.title}", "", f"`{self.command}`", ""]
        if self.figures:
            lines += ["| what | median | least to most | |", "|---|---:|---:|---|"]
            for figure in self.figures:
                spread = f"{_number(min(figure.values))} to {_number(max(figure.values))}"
                lines.append(f"| {figure.name} | {_number(figure.median)} {figure.unit} | {spread} | {figure.note} |")
            lines.append("")
        if self.verdicts:
            lines += ["| held against | figure | target | |", "|---|---:|---:|---|"]
            for verdict in self.verdicts:
                sign, unit = "≥" if verdict.at_least else "≤", f" {verdict.unit}" if verdict.unit else ""
                target = f"{sign} {_number(verdict.target)}{unit}"
                lines.append(f"| {verdict.name} | {_number(verdict.value)}{unit} | {target} | {verdict.words} |")
            lines.append("")
        return "\n".join(lines)

    def plain(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "command": self.command,
            "figures": [
                {"name": f.name, "unit": f.unit, "values": f.values, "median": f.median, "note": f.note}
                for f in self.figures
            ],
            "verdicts": [
                {
                    "name": v.name,
                    "value": None if math.isnan(v.value) else v.value,
                    "target": v.target,
                    "unit": v.unit,
                    "met": v.is_met,
                }
                for v in self.verdicts
            ],
        }


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
