"""How a picture looks, by light and by dark. Every colour stands for something that a shape or a sign says too."""

from collections.abc import Mapping

FONT = (
    "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Liberation Sans', Helvetica, Arial, sans-serif"
)

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "text": "#1f2328",
    "muted": "#57606a",
    "line": "#7d8590",
    "plain": "#f6f8fa",
    "edge": "#afb8c1",
    "start": "#dafbe1",
    "start-edge": "#1a7f37",
    "choice": "#fff6d6",
    "choice-edge": "#9a6700",
    "speech": "#e3f2ff",
    "speech-edge": "#0969da",
    "action": "#f6efff",
    "action-edge": "#8250df",
    "end": "#e7ebef",
    "end-edge": "#424a53",
    "added": "#1a7f37",
    "removed": "#cf222e",
    "changed": "#9a6700",
    "error": "#cf222e",
    "warning": "#9a6700",
    "on-sign": "#ffffff",
}
DARK: Mapping[str, str] = {
    "paper": "#0d1117",
    "text": "#e6edf3",
    "muted": "#9da7b1",
    "line": "#7d8590",
    "plain": "#161b22",
    "edge": "#484f58",
    "start": "#10271a",
    "start-edge": "#3fb950",
    "choice": "#2b2208",
    "choice-edge": "#d29922",
    "speech": "#0c2340",
    "speech-edge": "#58a6ff",
    "action": "#231938",
    "action-edge": "#a371f7",
    "end": "#21262d",
    "end-edge": "#b1bac4",
    "added": "#3fb950",
    "removed": "#ff7b72",
    "changed": "#e3b341",
    "error": "#ff7b72",
    "warning": "#e3b341",
    "on-sign": "#0d1117",
}

# Nothing newer than CSS 2.1 and one media query: the programs that turn pictures into others know no more.
SHAPES = """
text { font-family: FONT; font-size: 13px; }
.title { font-size: 19px; font-weight: 600; }
.name { font-weight: 600; text-anchor: middle; }
.about { font-size: 11px; text-anchor: middle; }
.small { font-size: 12px; }
.name-of-list { font-weight: 600; }
.label text, .jump text { font-size: 12px; text-anchor: middle; }
.number { font-size: 11px; font-weight: 700; text-anchor: middle; }
.node .shape, .node .inner { stroke-width: 1.25; }
.inner { fill: none; }
.line { fill: none; stroke-width: 1.5; }
.back .line { stroke-dasharray: 6 4; }
.goal { stroke-dasharray: 3 3; stroke-width: 1.25; }
.added .shape, .removed .shape, .changed .shape, .added .line, .removed .line, .changed .line,
.error .shape, .warning .shape { stroke-width: 2.5; }
.removed .shape, .removed .line { stroke-dasharray: 2 4; }
.removed .name { text-decoration: line-through; }
.label tspan.added, .label tspan.removed, .label tspan.changed { font-weight: 600; }
"""
COLOURS: Mapping[str, Mapping[str, str]] = {
    ".paper": {"fill": "paper"},
    "text": {"fill": "text"},
    ".about, .muted": {"fill": "muted"},
    ".line": {"stroke": "line"},
    ".head": {"fill": "line"},
    ".label .shape": {"fill": "paper"},
    ".goal": {"fill": "paper", "stroke": "line"},
    ".inner": {"stroke": "end-edge"},
    **{
        f".{kind} .shape": {"fill": kind, "stroke": f"{kind}-edge"}
        for kind in ("start", "choice", "speech", "action", "end")
    },
    ".compared .node.same .shape": {"fill": "plain", "stroke": "edge"},
    ".compared .node.same .inner": {"stroke": "edge"},
    **{f".node.{sign} .shape": {"stroke": sign} for sign in ("added", "removed", "changed")},
    **{f".{sign} .line": {"stroke": sign} for sign in ("added", "removed", "changed")},
    **{f".{sign} .head, tspan.{sign}, .sign.{sign}": {"fill": sign} for sign in ("added", "removed", "changed")},
    **{f".node.{mark} .shape": {"stroke": mark} for mark in ("warning", "error")},
    **{f".mark.{mark}": {"fill": mark} for mark in ("warning", "error")},
    ".number": {"fill": "on-sign"},
}


def stylesheet() -> str:
    """The rules of a picture."""
    dark = ["@media (prefers-color-scheme: dark) {", *rules(DARK), "}"]
    return "\n".join([SHAPES.replace("FONT", FONT).strip(), *rules(LIGHT), *dark])


def rules(palette: Mapping[str, str]) -> list[str]:
    """The rules that give colours."""
    return [
        f"{selector} {{ {' '.join(f'{name}: {palette[colour]};' for name, colour in colours.items())} }}"
        for selector, colours in COLOURS.items()
    ]
