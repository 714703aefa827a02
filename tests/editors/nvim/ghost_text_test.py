#!/usr/bin/env python3
"""Ghost text in a real Neovim, in a terminal: drawn, accepted whole and by the word; the editor
killed in the middle of a request takes its server along.

    ghost_text_test.py NVIM OUTPUT_DIR MODEL SERVER_PROGRAM [ARGUMENT...]

Everything real: the editor in tmux, the plugin, the server, the model. What is drawn is read from
the terminal (tmux capture-pane); what is in the buffer is asked from Neovim: ghost text is the
difference. Waits are on conditions, with a deadline; the screen with the ghost text stays in
OUTPUT_DIR. Exit 77: a piece is not on this machine (the last line says which).
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

DEADLINE = 90
PLUGIN = pathlib.Path(__file__).resolve().parents[3] / "editor-plugins" / "nvim"

HEADER = """#pragma once
#include <string>
#include <vector>

struct Item {
  std::string name;
  int quantity = 0;
  double price = 0;
};

class Inventory {
 public:
  void add(const Item& item) { items_.push_back(item); }
  double total_price() const;
  int total_quantity() const;

 private:
  std::vector<Item> items_;
};
"""

SOURCE = """#include "inventory.h"

double Inventory::total_price() const {
  double total = 0;
  for (const Item& item : items_) {
    total += item.price * item.quantity;
  }
  return total;
}

int Inventory::total_quantity() const {
  int total = 0;
  for (const Item& item : items_) {

  }
  return total;
}
"""
LINE = 14  # the empty one, 1-based
TYPED = "    total += item."


def skip(reason: str):
    print(f"skipped: {reason}")
    sys.exit(77)


class Editor:
    """Neovim in a tmux of its own."""

    def __init__(self, nvim, folder: pathlib.Path, init: str, environment):
        self.nvim = nvim
        self.environment = environment
        self.socket = str(folder / "nvim.sock")
        self.tmux_socket = str(folder / "tmux.sock")
        script = folder / "init.lua"
        script.write_text(init)
        self.tmux(
            *("new-session", "-d", "-x", "100", "-y", "30", "-s", "test", nvim),
            *("--listen", self.socket, "-u", str(script), "inventory.cpp"),
            cwd=folder / "inventory",
        )

    def tmux(self, *arguments, **options):
        return subprocess.run(
            ["tmux", "-S", self.tmux_socket, "-f", "/dev/null", *arguments],
            env=self.environment, capture_output=True, text=True, check=True, timeout=20, **options,
        ).stdout

    def keys(self, *keys):
        self.tmux("send-keys", "-t", "test", *keys)

    def type(self, text: str):
        self.tmux("send-keys", "-t", "test", "-l", text)

    def screen(self, colours=False):
        return self.tmux("capture-pane", "-p", "-t", "test", *(["-e"] if colours else []))

    def ask(self, expression: str) -> str:
        return subprocess.run(
            [self.nvim, "--server", self.socket, "--remote-expr", expression],
            env=self.environment, capture_output=True, text=True, check=True, timeout=20,
        ).stdout.rstrip("\n")

    def lua(self, expression: str) -> str:
        return self.ask(f"luaeval('{expression}')")

    def wait(self, what: str, condition):
        until = time.monotonic() + DEADLINE
        while True:
            try:
                if value := condition():
                    return value
            except subprocess.CalledProcessError:
                pass  # not listening yet
            if time.monotonic() > until:
                log = pathlib.Path(self.environment["XDG_STATE_HOME"], "nvim", "lsp.log")
                print(log.read_text()[-2000:] if log.exists() else "", file=sys.stderr)
                raise SystemExit(f"failed: {what}: not within {DEADLINE} s\n{self.screen()}")
            time.sleep(0.05)  # between two looks at the screen

    def ghost(self) -> str:
        """What the screen shows after the text of the cursor's line, which the buffer lacks."""
        line = self.ask('getline(".")')
        row = int(self.ask("screenrow()")) - 1
        drawn = self.screen().split("\n")[row].rstrip()
        return drawn[len(line):] if drawn.startswith(line) and len(drawn) > len(line) else ""

    def wait_for_ghost(self, what: str) -> str:
        """Neovim asks once after a keystroke; on a loaded machine the answer may come too late to
        be given, and a person would type on: leaving and entering insert mode asks again."""
        asked = time.monotonic()

        def shown():
            nonlocal asked
            if not (ghost := self.ghost()) and time.monotonic() - asked > 10:
                asked = time.monotonic()
                print(f"asking again: {self.lua('vim.inspect(require([[engram.status]]).of())')}")
                self.keys("Escape", "A")
            return ghost

        return self.wait(what, shown)

    def close(self):
        subprocess.run(["tmux", "-S", self.tmux_socket, "kill-server"], capture_output=True)


def environment_in(folder: pathlib.Path):
    """The user's own settings and stores stay out of it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ENGRAM_", "TMUX"))}
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        environment[f"XDG_{name}_HOME"] = str(folder / name.lower())
    environment["XDG_RUNTIME_DIR"] = str(folder)
    environment.update(HOME=str(folder), TERM="xterm-256color", LANG="C.UTF-8", SHELL="/bin/sh")
    return environment


def init_lua(model: str, command) -> str:
    quoted = ", ".join(f"[[{part}]]" for part in command)
    return f"""
vim.o.swapfile = false
vim.o.laststatus = 2
vim.opt.runtimepath:append([[{PLUGIN}]])
require('engram').setup({{ cmd = {{ {quoted} }}, model = [[{model}]] }})
vim.o.statusline = "[%{{v:lua.require'engram.status'.text()}}]"
"""


def run(editor: Editor, output: pathlib.Path):
    editor.wait("the server is ready", lambda: "[engram]" in editor.screen())
    editor.keys(f"{LINE}G", "A")
    editor.type(TYPED)

    ghost = editor.wait_for_ghost("ghost text on the screen")
    (output / "nvim-ghost-text.ansi").write_text(editor.screen(colours=True))
    print(f"ghost text: {TYPED.strip()}«{ghost}»")
    assert editor.ask(f"getline({LINE})") == TYPED, "ghost text must not be in the buffer"

    editor.keys("Tab")
    accepted = editor.wait(
        "Tab puts the ghost text in the buffer",
        lambda: (line := editor.ask(f"getline({LINE})")) != TYPED and line,
    )
    assert accepted.startswith(TYPED + ghost), (accepted, ghost)
    editor.wait(
        "the server was told",
        lambda: int(editor.lua("require([[engram.status]]).of().accepted")) == 1,
    )

    # By the word: undo, type again; the same suggestion comes, a word of it is taken, the rest stays.
    editor.keys("Escape", "u", f"{LINE}G", "A")
    editor.type(TYPED)
    ghost = editor.wait_for_ghost("ghost text again")
    editor.keys("M-w")
    line = editor.wait(
        "Alt-w puts a word in the buffer",
        lambda: (line := editor.ask(f"getline({LINE})")) != TYPED and line,
    )
    word = line[len(TYPED):]
    assert (TYPED + ghost).startswith(line), (line, ghost)
    if word != ghost:
        editor.wait("the rest is still shown", lambda: editor.ghost() == ghost[len(word):])

    # Without ghost text Tab is the Tab it was.
    editor.keys("Escape")
    editor.lua("vim.lsp.inline_completion.enable(false)")
    editor.keys("gg", "O", "Tab")
    editor.wait("a plain Tab", lambda: editor.ask("getline(1)") == "\t")
    editor.keys("Escape")

    health = editor.ask("execute('checkhealth engram') .. join(getline(1, '$'), ' ')")
    assert "Neovim 0." in health and "state: ready" in health and "ERROR" not in health, health


def server_of(editor_pid: int) -> int:
    children = pathlib.Path(f"/proc/{editor_pid}/task/{editor_pid}/children").read_text().split()
    names = {int(pid): pathlib.Path(f"/proc/{pid}/comm").read_text().strip() for pid in children}
    (server,) = [pid for pid, name in names.items() if name.startswith("engram")]
    return server


def is_running(pid: int) -> bool:
    """Neither gone nor a zombie that nobody has waited for yet."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_while_asking(editor: Editor):
    editor.lua("vim.lsp.inline_completion.enable(true)")
    editor_pid = int(editor.ask("getpid()"))
    server = server_of(editor_pid)
    assert is_running(server)
    editor.keys(f"{LINE + 1}G", "A")
    editor.type("x")  # asks
    os.kill(editor_pid, signal.SIGKILL)
    editor.wait("the server ends with its editor", lambda: not is_running(server))


def main():
    if len(sys.argv) < 5:
        raise SystemExit(__doc__)
    nvim, output, model, *command = sys.argv[1:]
    output = pathlib.Path(output)
    command[0] = str(pathlib.Path(command[0]).resolve())
    for program, why in ((nvim, "tools/setup.sh editors installs it"), ("tmux", "apt has it")):
        if shutil.which(program) is None:
            skip(f"{program} is not here; {why}")
    if model != "none" and not pathlib.Path(model).is_file():
        skip(f"the model {model} is not here; tools/fetch_model.sh smollm2-135m gets it")
    with tempfile.TemporaryDirectory(prefix="engram-nvim-") as name:
        folder = pathlib.Path(name)
        environment = environment_in(folder)
        version = subprocess.run(
            [nvim, "--headless", "--clean", "+echo v:version has('nvim-0.12')", "+qa"],
            env=environment, capture_output=True, text=True, timeout=30, check=True,
        ).stderr.strip()
        first = subprocess.run([nvim, "--version"], env=environment, capture_output=True, text=True)
        print(f"{first.stdout.splitlines()[0]}; v:version and has('nvim-0.12'): {version}")
        if not version.endswith(" 1"):
            raise SystemExit("failed: this Neovim is older than 0.12")
        (folder / "inventory").mkdir()
        (folder / "inventory" / ".engram.toml").write_text("")  # the root of the workspace
        (folder / "inventory" / "inventory.h").write_text(HEADER)
        (folder / "inventory" / "inventory.cpp").write_text(SOURCE)
        output.mkdir(parents=True, exist_ok=True)
        editor = Editor(nvim, folder, init_lua(model, command), environment)
        try:
            run(editor, output)
            kill_while_asking(editor)
        finally:
            editor.close()
    print("ghost text was drawn, accepted whole and by the word; the server ended with the killed editor")


main()
