"""Draws a terminal session as an SVG: real output in, a picture out.

  terminal_svg.py TITLE < session.txt > picture.svg

Lines that start with "$ " are commands. ANSI escapes are dropped. Nothing is invented: the text is
the input's, cut to COLUMNS. Standard library only.
"""

import html
import re
import sys

COLUMNS, FONT, ROW, WIDTH = 118, 13, 18, 7.83
COLOURS = [  # first match wins: how a line is coloured
    (re.compile(r"^\$ "), "#9cdcfe"),
    (re.compile(r"^\s*engram\|"), "#b5e890"),
    (re.compile(r"^\s*hidden\|"), "#d7ba7d"),
    (re.compile(r"^\s*(sources:|\d+ \||\d+ ms:)"), "#8a9199"),
]


def colour(line):
    return next((c for pattern, c in COLOURS if pattern.search(line)), "#d4d4d4")


def main():
    title = sys.argv[1]
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sys.stdin.read()).expandtabs(8)
    lines = [line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "\u2026" for line in text.rstrip("\n").split("\n")]
    width, height = int(COLUMNS * WIDTH + 32), len(lines) * ROW + 58
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
          f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" '
          f'font-size="{FONT}">')
    print(f'<title>{html.escape(title)}</title>')
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#1e1e1e"/>')
    for i, dot in enumerate(["#ff5f56", "#ffbd2e", "#27c93f"]):
        print(f'<circle cx="{20 + 18 * i}" cy="18" r="5.5" fill="{dot}"/>')
    print(f'<text x="{width // 2}" y="23" fill="#8a9199" text-anchor="middle">'
          f'{html.escape(title)}</text>')
    for row, line in enumerate(lines):
        if line.strip():
            print(f'<text x="16" y="{50 + row * ROW}" xml:space="preserve" fill="{colour(line)}">'
                  f'{html.escape(line)}</text>')
    print("</svg>")


main()
