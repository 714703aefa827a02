#!/usr/bin/env bash
# no_machine_paths_test.sh ROOT: nothing tracked names a folder of one machine or a registry's address:
# the project must build anywhere, from whatever mirror a machine is set up with.
set -uo pipefail
cd "$1" || exit 1
[ -e .git ] || { echo "not a git checkout: nothing to judge"; exit 0; }
pattern='/(work|root|farm)/[a-z.]|registry\.npmjs|pypi\.org|files\.pythonhosted|(deb|security|ftp)\.debian\.org|snapshot\.debian'
found=$(git grep -nIE "$pattern" -- . ':!tests/tools/no_machine_paths_test.sh')
[ -z "$found" ] || { echo "$found" | head -n 20; exit 1; }
