#!/bin/bash
# The emulated host with a prompt on this terminal, or, with "guest" as argument, a guest in it.
#   MODE=nvhe or protected (lab/run/boot.sh), GDB=1 to wait for a debugger
. "$(dirname "$0")/../common.sh"

what=${1:-}
lab/build/rootfs.sh
new_run "${what:+$what-}shell"
read -r rows columns < <(stty size 2>/dev/null || echo 24 80)
lab/run/boot.sh -i -m "${MODE:-vhe}" -n shell "
	stty rows $rows cols $columns </dev/ttyAMA0
	setsid -c sh /lab/host/${what:+$what-}shell </dev/ttyAMA0 >/dev/ttyAMA0 2>&1"
