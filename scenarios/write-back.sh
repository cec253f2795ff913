# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# QEMU's monitor reads all registers of all vCPUs and writes them back before the next
# KVM_RUN, over and over, while other vCPUs signal that one; it also stops and continues the
# guest. No event is lost to what was read before it was signalled, none comes twice.
. /lab/host/vmm.sh
plan 5
rounds=${ROUNDS:-${LONG:+500}}
rounds=${rounds:-30}

registers() {
	for _ in $(seq "$rounds"); do
		qmp_done "$dir" human-monitor-command '"command-line": "info registers -a"' || return 1
	done
	[ "$(grep -o 'CPU#4' "$dir/qmp" | wc -l)" = "$rounds" ]
}
stop_and_go() {
	for _ in $(seq "$rounds"); do
		qmp_done "$dir" stop && qmp_done "$dir" cont || return 1
	done
}
vmm
check "the guest signals" goes_on
check "all registers read and written back, $rounds times" registers
check "stopped and continued, $rounds times" stop_and_go
check "the counts are exact on each CPU" counts
check "no register changed in a handler or over one" no_complaint
stop
finish
