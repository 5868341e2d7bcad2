"""The looks: dark, light, high contrast, and without colour.

Whatever a colour says is said by a shape or a word as well.
"""

from __future__ import annotations

from textual.theme import Theme

FALLBACK = {
    "faint": "#8b98a6",
    "good": "#5fd38d",
    "warn": "#ffc24d",
    "bad": "#ff7b72",
    "likely": "#c8a2ff",
    "key": "#6cb6ff",
}
"""Colours of our own, for themes that lack them."""

DARK = Theme(
    name="dark",
    primary="#4ea1ff",
    secondary="#7aa2c8",
    accent="#c8a2ff",
    warning="#ffc24d",
    error="#ff7b72",
    success="#5fd38d",
    foreground="#dfe6ee",
    background="#11161c",
    surface="#161c24",
    panel="#222b36",
    dark=True,
    variables={
        **FALLBACK,
        "block-cursor-background": "#24507d",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
    },
)

LIGHT = Theme(
    name="light",
    primary="#0b5cad",
    secondary="#3a6ea5",
    accent="#6b2fb3",
    warning="#8a5a00",
    error="#b3161b",
    success="#1b6e3c",
    foreground="#1a2026",
    background="#f4f6f8",
    surface="#ffffff",
    panel="#dde4ec",
    dark=False,
    variables={
        "faint": "#5b6671",
        "good": "#1b6e3c",
        "warn": "#8a5a00",
        "bad": "#b3161b",
        "likely": "#6b2fb3",
        "key": "#0b5cad",
        "block-cursor-background": "#0b5cad",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
    },
)

HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ff9cff",
    warning="#ffff00",
    error="#ff8080",
    success="#00ff66",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#303030",
    dark=True,
    text_alpha=1,
    variables={
        "faint": "#ffffff",
        "good": "#00ff66",
        "warn": "#ffff00",
        "bad": "#ff8080",
        "likely": "#ff9cff",
        "key": "#00ffff",
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
    },
)

MONOCHROME = Theme(
    name="monochrome",
    primary="#c0c0c0",
    secondary="#a0a0a0",
    accent="#e0e0e0",
    warning="#e0e0e0",
    error="#ffffff",
    success="#d0d0d0",
    foreground="#e4e4e4",
    background="#101010",
    surface="#101010",
    panel="#2a2a2a",
    dark=True,
    variables={
        "faint": "#a8a8a8",
        "good": "#e4e4e4",
        "warn": "#f4f4f4",
        "bad": "#ffffff",
        "likely": "#d8d8d8",
        "key": "#ffffff",
        "block-cursor-background": "#d8d8d8",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
    },
)

THEMES = (DARK, LIGHT, HIGH_CONTRAST, MONOCHROME)
