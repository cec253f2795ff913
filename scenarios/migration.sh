# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# Live migration by stock QEMU, over a socket, again and again while the guest's CPUs signal
# each other without pause; one CPU sits in its handler with the event pending once more, one
# is masked with it pending (lab/guest/bare/signal.c). No CPU misses an event or has one too many.
. /lab/host/vmm.sh
plan 4
times=${TIMES:-${LONG:+50}}
times=${times:-4}

again_and_again() {
	for n in $(seq "$times"); do
		echo "migration $n"
		migrate && goes_on && no_complaint || return 1
	done
}
vmm
check "the guest signals" goes_on
check "it migrates $times times and continues each time" again_and_again
check "the counts are exact on each CPU" counts
check "no register changed in a handler or over one" no_complaint
stop
finish
