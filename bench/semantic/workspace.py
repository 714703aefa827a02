#!/usr/bin/env python3
"""workspace.py redis|engram|ledger|git|rocksdb|linux DEST: a copy of a real project with a compile database, made anew.

redis: the corpus of tools/corpora.txt, its 97 sources compiled as its Makefile would with libc's malloc.
engram: core/ and memory/ of this repository, from build/release/compile_commands.json. A copy, so that
whoever indexes it sees these units alone and may change them.
ledger: its 50 units over Boost's headers (the machine's, as for building Engram), without Python.
git: what its Makefile compiles without libraries but zlib; the Makefile is run for its generated headers.
rocksdb, linux: the whole corpus in hard links (never write into its files), with commands as their makefiles give
them, as far as that can be had without configuring: linux for x86-64 with hardly an option set, some headers that
its build generates made up, and without the line of its .gitignore with which Debian ignores everything.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def corpus_of(name):
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    corpus = os.path.join(cache, "engram", "corpora", name)
    if not os.path.isdir(corpus):
        sys.exit(f"workspace: fetch {name} first: tools/corpus.sh {name}")
    return corpus


def linked(name, destination):
    shutil.copytree(corpus_of(name), destination, symlinks=True, dirs_exist_ok=True, copy_function=os.link)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def units(destination, ending, left_out, command):
    """Of all files with that ending, in the order of their paths."""
    entries = []
    for folder, folders, names in os.walk(destination):
        folders.sort()
        folders[:] = [f for f in folders if os.path.relpath(os.path.join(folder, f), destination) not in left_out]
        for name in sorted(names):
            if name.endswith(ending):
                file = os.path.relpath(os.path.join(folder, name), destination)
                entries.append({"directory": destination, "file": file, "command": f"{command} -c {file}"})
    return entries


def rocksdb(destination):
    linked("rocksdb-7.8.3", destination)
    return units(destination, ".cc", {"java", "third-party"},
                 "c++ -std=c++17 -W -Wall -Wextra -Wno-unused-parameter -I. -Iinclude -Ithird-party/gtest-1.8.1/fused-src"
                 " -DROCKSDB_PLATFORM_POSIX -DROCKSDB_LIB_IO_POSIX -DOS_LINUX -DROCKSDB_FALLOCATE_PRESENT"
                 " -DROCKSDB_MALLOC_USABLE_SIZE -DROCKSDB_SCHED_GETCPU_PRESENT -DGTEST_USE_OWN_TR1_TUPLE=0 -O2 -g")


LINUX_OPTIONS = ("64BIT X86 X86_64 SMP MMU NUMA MODULES NET INET PCI ACPI BLOCK PRINTK BUG PROC_FS SYSFS TRACEPOINTS "
                 "FUTEX EPOLL TTY HAS_IOMEM HAS_DMA OF I2C USB_SUPPORT USB INPUT HID SCSI DRM SOUND SND STAGING GENERIC_BUG "
                 "GENERIC_BUG_RELATIVE_POINTERS USE_PERCPU_NUMA_NODE_ID HAVE_ARCH_WITHIN_STACK_FRAMES SPARSEMEM "
                 "SPARSEMEM_VMEMMAP SPARSEMEM_EXTREME SLUB THREAD_INFO_IN_TASK "
                 "HAVE_ARCH_THREAD_STRUCT_WHITELIST TREE_RCU TREE_SRCU ARCH_HAS_PTE_SPECIAL AMD_MEM_ENCRYPT "
                 "ARCH_HAS_CC_PLATFORM X86_TSC TICK_ONESHOT GENERIC_CLOCKEVENTS HIGH_RES_TIMERS "
                 "ARCH_HAS_MEM_ENCRYPT GENERIC_IOMAP PREEMPT_COUNT HAVE_MOD_ARCH_SPECIFIC UNWINDER_ORC").split()
LINUX_NUMBERS = {"HZ": 250, "NR_CPUS": 64, "NODES_SHIFT": 6, "PGTABLE_LEVELS": 4, "X86_L1_CACHE_SHIFT": 6,
                 "X86_INTERNODE_CACHE_SHIFT": 6, "PHYSICAL_START": 0x1000000, "PHYSICAL_ALIGN": 0x200000,
                 "LOG_BUF_SHIFT": 17, "BASE_SMALL": 0, "ILLEGAL_POINTER_VALUE": 0xDEAD000000000000}


def linux(destination):
    linked("linux-6.1", destination)
    ignored = os.path.join(destination, ".gitignore")
    with open(ignored, encoding="utf-8") as file:
        lines = [line for line in file if line.strip() != "/*"]
    os.unlink(ignored)
    write(ignored, "".join(lines))
    made = os.path.join(destination, "include/generated")
    write(made + "/autoconf.h", "".join(
        [f"#define CONFIG_{name} 1\n" for name in LINUX_OPTIONS] +
        [f"#define CONFIG_{name} {number}\n" for name, number in LINUX_NUMBERS.items()]))
    write(made + "/bounds.h", "#define NR_PAGEFLAGS 23\n#define MAX_NR_ZONES 4\n#define NR_CPUS_BITS 6\n"
          "#define SPINLOCK_SIZE 4\n#define LRU_GEN_WIDTH 0\n#define __LRU_REFS_WIDTH 0\n")
    write(made + "/asm-offsets.h", "")
    write(made + "/timeconst.h", "")
    write(made + "/utsrelease.h", '#define UTS_RELEASE "6.1.0"\n')
    write(made + "/uapi/linux/version.h",
          "#define LINUX_VERSION_CODE 393472\n#define KERNEL_VERSION(a,b,c) (((a) << 16) + ((b) << 8) + (c))\n")
    with open(os.path.join(destination, "arch/x86/entry/syscalls/syscall_64.tbl"), encoding="utf-8") as file:
        calls = [line.split() for line in file if line[0].isdigit()]
    write(os.path.join(destination, "arch/x86/include/generated/uapi/asm/unistd_64.h"),
          "".join(f"#define __NR_{name} {number}\n" for number, _, name, *_ in calls))
    write(os.path.join(destination, "arch/x86/include/generated/asm/unistd_64_x32.h"), "")
    write(os.path.join(destination, "arch/x86/include/generated/asm/unistd_32_ia32.h"), "")
    for which in ("", "uapi/"):  # headers that are another one's under a name of the architecture
        generic = os.path.join(destination, "include", which, "asm-generic")
        own = os.path.join(destination, "arch/x86/include", which, "asm")
        for name in os.listdir(generic):
            if name.endswith(".h") and not os.path.exists(os.path.join(own, name)):
                write(os.path.join(destination, "arch/x86/include/generated", which, "asm", name),
                      f"#include <asm-generic/{name}>\n")
    others = {f"arch/{name}" for name in os.listdir(os.path.join(destination, "arch")) if name != "x86"}
    return units(destination, ".c", others | {"tools", "scripts", "samples", "usr", "Documentation"},
                 "gcc -nostdinc -Iarch/x86/include -Iarch/x86/include/generated -Iinclude -Iarch/x86/include/uapi"
                 " -Iarch/x86/include/generated/uapi -Iinclude/uapi -Iinclude/generated/uapi"
                 " -include include/linux/compiler-version.h -include include/linux/kconfig.h"
                 " -include include/linux/compiler_types.h -D__KERNEL__ -std=gnu11 -m64 -mcmodel=kernel -ffreestanding"
                 " -fshort-wchar -Wall -Wno-unused -DKBUILD_MODNAME=\\\"it\\\" -DKBUILD_BASENAME=\\\"it\\\"")


def redis(destination):
    corpus = corpus_of("redis-7.0.15")
    for folder in ("src", "deps/hiredis", "deps/linenoise", "deps/lua/src", "deps/hdr_histogram"):
        shutil.copytree(os.path.join(corpus, folder), os.path.join(destination, folder))
    source = os.path.join(destination, "src")
    write(os.path.join(source, "release.h"),
          '#define REDIS_GIT_SHA1 "0"\n#define REDIS_GIT_DIRTY "0"\n#define REDIS_BUILD_ID "0"\n')
    flags = ("cc -std=c11 -pedantic -DREDIS_STATIC='' -Wall -W -Wno-missing-field-initializers -O2 -g"
             " -I../deps/hiredis -I../deps/linenoise -I../deps/lua/src -I../deps/hdr_histogram -c ")
    return [{"directory": source, "file": os.path.join(source, name), "command": flags + name}
            for name in sorted(os.listdir(source)) if name.endswith(".c")]


LEDGER_VALUES = {"Ledger_VERSION_MAJOR": 3, "Ledger_VERSION_MINOR": 3, "Ledger_VERSION_PATCH": 0,
                 "Ledger_VERSION_PRERELEASE": "", "Ledger_VERSION_DATE": 20230208, "HAVE_UNIX_PIPES": 1}
LEDGER_HAS = ("HAVE_GETPWUID", "HAVE_GETPWNAM", "HAVE_IOCTL", "HAVE_ISATTY")


def ledger(destination):
    shutil.copytree(corpus_of("ledger-3.3.0"), destination, dirs_exist_ok=True)
    source = os.path.join(destination, "src")
    with open(os.path.join(source, "system.hh.in"), encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"@(\w+)@", lambda name: str(LEDGER_VALUES.get(name[1], 0)), text)
    text = re.sub(r"#cmakedefine (\w+)",
                  lambda name: f"#{'define' if name[1] in LEDGER_HAS else 'undef'} {name[1]}", text)
    write(os.path.join(source, "system.hh"), text)
    for folder in (os.path.join(corpus_of("mpfr-4.2.0"), "usr/include"),
                   os.path.join(corpus_of("gmp-6.2.1"), "usr/include/x86_64-linux-gnu")):
        shutil.copytree(folder, os.path.join(destination, "lib/numbers"), dirs_exist_ok=True)
    flags = "c++ -std=c++14 -Wall -O2 -g -I. -I../lib/utfcpp/v3/source -isystem ../lib/numbers -c "
    return [{"directory": source, "file": os.path.join(source, name), "command": flags + name}
            for name in sorted(os.listdir(source))
            if name.endswith(".cc") and not name.startswith("py") and name not in ("gpgme.cc", "strptime.cc", "views.cc")]


def git(destination):
    shutil.copytree(corpus_of("git-2.39.5"), destination, symlinks=True, dirs_exist_ok=True)
    make = ["make", "-C", destination, "--no-print-directory", "COMPUTE_HEADER_DEPENDENCIES=no"] + [
        f"NO_{what}=1" for what in ("CURL", "EXPAT", "OPENSSL", "GETTEXT", "TCLTK", "PERL", "PYTHON")]
    subprocess.run([*make, "generated-hdrs"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told = subprocess.run([*make, "-n", "V=1", "all"], check=True, capture_output=True, text=True).stdout
    commands = [line for line in told.splitlines() if line.startswith("cc -o ") and " -c " in line]
    return [{"directory": destination, "file": shlex.split(command)[-1], "command": command} for command in commands]


def engram(destination):
    folders = ("core", "memory")
    for folder in folders:
        shutil.copytree(os.path.join(ROOT, folder), os.path.join(destination, folder))
    with open(os.path.join(ROOT, "build/release/compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    below = tuple(f"{ROOT}/{folder}/" for folder in folders)
    return [{"directory": destination, "file": unit["file"].replace(ROOT, destination),
             "command": unit["command"].replace(ROOT, destination)}
            for unit in entries if unit["file"].startswith(below)]


PROJECTS = {make.__name__: make for make in (redis, engram, ledger, git, rocksdb, linux)}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in PROJECTS:
        sys.exit(__doc__.splitlines()[0])
    destination = os.path.abspath(sys.argv[2])
    shutil.rmtree(destination, ignore_errors=True)
    os.makedirs(destination)
    write(os.path.join(destination, "compile_commands.json"),
          json.dumps(PROJECTS[sys.argv[1]](destination), indent=0))


if __name__ == "__main__":
    main()
