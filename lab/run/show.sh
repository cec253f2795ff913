#!/bin/bash
# Show, on screen, what the series is for.
. "$(dirname "$0")/../common.sh"

lab/build/rootfs.sh
new_run run
start=$SECONDS
say "Booting Linux $BASE as an arm64 host with KVM (emulated), and guests in it:"
rc=0
lab/run/boot.sh -n run -t 300 "sh /lab/host/demo" || rc=$?
if [ "$rc" = 0 ]; then
	say "All as it should be, in $((SECONDS - start)) s."
else
	say "FAILED: that is not what it should look like. Logs: ${RUN_DIR#"$ROOT"/}/run.*"
fi
exit "$rc"
