# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# The host's CPUs go offline in turn, and come back, under a guest whose CPUs signal each
# other: its vCPUs move away in the middle of that. No CPU misses an event or has one too many.
. /lab/host/vmm.sh
plan 5
times=${TIMES:-${LONG:+200}}
times=${times:-5}

off_and_on() {
	for _ in $(seq "$times"); do
		for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
			echo 0 >"$cpu/online" || return 1
			usleep 100000
			echo 1 >"$cpu/online" || return 1
			usleep 100000
		done
	done
}
vmm
check "the guest signals" goes_on
check "each of the host's CPUs goes offline and comes back, $times times" off_and_on
check "the guest continues" goes_on
check "its counts are exact on each CPU" counts
check "no register changed in a handler or over one" no_complaint
stop
finish
