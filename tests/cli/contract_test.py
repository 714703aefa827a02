"""The rules every command keeps: docs of the command contract, in CHANGELOG when they change."""

import json
import time


def test_version_is_one_line_and_quick(engram):
    best = 1.0
    for _ in range(10):
        start = time.monotonic()
        done = engram.run("--version")
        best = min(best, time.monotonic() - start)
        assert done.returncode == 0
        name, version = done.stdout.decode().split()
        assert name == "engram" and version.count(".") == 2
    print(f"fastest --version: {best * 1000:.1f} ms")


def test_help_lists_every_command_and_explains_one(engram):
    text = engram.run("help").stdout.decode()
    for command in ["index", "status", "complete", "search", "find", "outline", "definition",
                    "declaration", "references", "hover", "generate", "lsp",
                    "model", "config", "trust", "doctor", "bench", "completions", "help"]:
        assert command in text
        assert engram.run("help", command).returncode == 0
    assert b"--max-tokens" in engram.run("help", "complete").stdout
    assert "nonsense" in engram.error("help", "nonsense", code=2)


def test_wrong_usage_is_status_2_and_one_line(engram):
    for args in [[], ["nonsense"], ["complete"], ["index", "--no-such-flag"],
                 ["index", "--jobs", "zero"], ["complete", "file-without-position"],
                 ["completions", "tcsh"], ["model"]]:
        assert engram.error(*args, code=2).startswith("engram: ")


def test_completions_are_scripts_that_name_the_commands(engram):
    for shell in ["bash", "zsh", "fish"]:
        script = engram.run("completions", shell).stdout.decode()
        assert "doctor" in script and "fetch" in script
    script = engram.run("completions", "bash").stdout
    import subprocess
    probe = b'\nCOMP_WORDS=(engram do); COMP_CWORD=1; _engram; echo "${COMPREPLY[@]}"\n'
    done = subprocess.run(["bash"], input=script + probe, capture_output=True, check=True)
    assert done.stdout.split() == [b"doctor"]


def test_config_says_where_each_value_came_from(engram):
    engram.write(".engram.toml", "[completion]\nmax_tokens = 33\n")
    settings = {s["key"]: s for s in
                engram.json("config", env={"ENGRAM_THREADS": "2"})["settings"]}
    assert settings["threads"]["value"] == "2"
    assert settings["threads"]["source"] == "ENGRAM_THREADS"
    assert settings["completion.max_tokens"]["value"] == "33"
    assert settings["completion.max_tokens"]["source"].endswith(".engram.toml")
    assert settings["kernels"]["source"] == "default"


def test_a_workspace_may_not_choose_the_model_until_trusted(engram):
    engram.write(".engram.toml", 'model = "/elsewhere/evil.gguf"\n')
    answer = engram.json("config", "model")
    assert answer["settings"][0]["value"] == ""
    assert "engram trust" in answer["messages"][0]
    engram.json("trust")
    assert engram.json("config", "model")["settings"][0]["value"] == "/elsewhere/evil.gguf"
    engram.json("trust", "--revoke")
    assert engram.json("config", "model")["settings"][0]["value"] == ""


def test_doctor_gives_each_failed_check_a_remedy(engram):
    done = engram.run("doctor", "--json")
    checks = json.loads(done.stdout)["checks"]
    names = [c["name"] for c in checks]
    for name in ["processor", "kernels", "model", "store", "compile_commands", "editors"]:
        assert name in names
    for check in checks:
        assert (check["remedy"] == "") == (check["status"] == "ok")
    model = next(c for c in checks if c["name"] == "model")
    assert model["status"] == "failed"  # this home has none
    assert done.returncode == 1


def test_doctor_says_how_the_workspace_is_compiled_and_what_was_left_out(engram):
    root = str(engram.repo)
    entries = [
        {"directory": root + "/build", "file": "../src/shape.cpp", "command": command}
        for command in ["g++ -DA -c -fplugin=evil.so ../src/shape.cpp",
                        "g++ -DB -I/etc -fconserve-stack ../src/shape.cpp"]
    ] + [{"directory": root + "/build", "file": "../src/gone.cpp", "command": "g++ ../src/gone.cpp"}]
    engram.write("build/compile_commands.json", json.dumps(entries))
    answer = json.loads(engram.run("doctor", "--json").stdout)
    found = answer["compile_commands"]
    assert found["database"] == root + "/build/compile_commands.json"
    assert (found["files"], found["entries"], found["several_configurations"]) == (1, 3, 1)
    assert found["missing_files"] == 1 and "gone.cpp" in found["examples"][0]
    flags = {(f["flag"], f["why"]): f["count"] for f in found["flags"]}
    assert flags[("-fplugin=", "refused")] == 1
    assert flags[("-I /etc", "outside")] == 1
    assert flags[("-fconserve-stack", "unknown")] == 1
    check = next(c for c in answer["checks"] if c["name"] == "compile_commands")
    assert check["status"] == "warning" and "clang.roots" in check["remedy"]
    engram.write("build/compile_commands.json", "[{")
    check = next(c for c in json.loads(engram.run("doctor", "--json").stdout)["checks"]
                 if c["name"] == "compile_commands")
    assert "not valid JSON" in check["detail"]


def test_model_list_names_the_known_models(engram):
    models = {m["name"]: m for m in engram.json("model", "list")["models"]}
    assert set(models) >= {"smollm2-135m", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"}
    assert models["smollm2-135m"]["bytes"] == 98362432
    assert not models["smollm2-135m"]["present"]
