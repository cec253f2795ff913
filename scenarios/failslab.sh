# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# Every allocation in the kernel on the way from KVM_CREATE_VM to the vCPUs' first events fails
# once, in turn (lab/host/faults/fail-nth.c): that gives an error, nothing is left behind, and what
# comes next has all its events. The host has kmemleak=on.
. /lab/host/lib.sh
plan 5
times=${LONG:+10}

# Those that may sleep as well, and single pages; without a report of each in the log.
allocations() {
	for what in failslab fail_page_alloc; do
		cd "/sys/kernel/debug/$what" && echo N >ignore-gfp-wait && echo 0 >verbose || return 1
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
}
again_and_again() {
	for _ in $(seq "${times:-1}"); do
		/lab/faults/fail-nth || return 1
	done
}
check "the host lets allocations fail" allocations
check "kmemleak is on" sh -c "echo scan >$kmemleak"
check "each allocation fails in turn, and all is well but for an error" again_and_again
sed 's/^/# /' /tmp/check.log
leaks >/tmp/after
check "nothing is left behind: kmemleak" sh -c "! grep . /tmp/after"
check "nor a VM" one_vm
finish
