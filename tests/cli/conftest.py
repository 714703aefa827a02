"""Runs the engram program in a home of its own, on a small repository written by the test."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ["ENGRAM_PROGRAM"]
# Models are looked up in the real cache; everything else lives in the test's own home.
MODELS = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "engram" / "models"

FILES = {
    "src/shape.h": """\
#pragma once
namespace geometry {
// A closed figure with an area.
class Shape {
 public:
  virtual ~Shape() = default;
  virtual double area() const = 0;
};
class Circle : public Shape {
 public:
  explicit Circle(double radius) : radius_(radius) {}
  double area() const override;

 private:
  double radius_;
};
double total_area(const Shape* const* shapes, int count);
}  // namespace geometry
""",
    "src/shape.cpp": """\
#include "shape.h"
namespace geometry {
double Circle::area() const { return 3.14159 * radius_ * radius_; }
double total_area(const Shape* const* shapes, int count) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += shapes[i]->area();
  return sum;
}
}  // namespace geometry
""",
    "tools/report.py": """\
\"\"\"Prints areas.\"\"\"


def format_area(value):
    return f"{value:.2f} m2"


class Report:
    def add_line(self, text):
        self.lines.append(format_area(text))
""",
}


class Engram:
    def __init__(self, home: Path):
        self.home = home
        self.repo = home / "repo"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "LC_ALL": "C.UTF-8",
            "ENGRAM_CLANG_GUESS_SECONDS": "0",  # Clang takes its time: where it is asked for
        }

    def write(self, name: str, contents) -> Path:
        path = self.repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = contents if isinstance(contents, bytes) else contents.encode()
        path.write_bytes(data)
        return path

    def run(self, *args, stdin=None, env=None, cwd=None):
        data = stdin.encode() if isinstance(stdin, str) else stdin
        return subprocess.run(
            [PROGRAM, *map(str, args)], input=data, cwd=cwd or self.repo,
            env={**self.env, **(env or {})}, capture_output=True, timeout=120)

    def json(self, *args, **kwargs):
        """The one JSON document a successful command prints."""
        done = self.run(*args, "--json", **kwargs)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def error(self, *args, code, **kwargs) -> str:
        """The one line a failing command prints; stdout stays empty."""
        done = self.run(*args, **kwargs)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert done.stdout == b"", done.stdout
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        lines = [line for line in lines if not line.startswith("engram: ignored:")]
        assert len(lines) == 1, lines
        return lines[0]


@pytest.fixture
def engram(tmp_path):
    program = Engram(tmp_path)
    for name, contents in FILES.items():
        program.write(name, contents)
    return program


@pytest.fixture
def indexed(engram):
    engram.json("index")
    return engram


@pytest.fixture
def smollm2(engram):
    """The path of the small real model."""
    found = sorted(MODELS.glob("smollm2-135m/*.gguf"))
    assert found, f"smollm2-135m is not in {MODELS}: run 'make test', which fetches it"
    return found[0]
