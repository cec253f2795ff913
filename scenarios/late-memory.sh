# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# A guest's memory goes away over and over, and each page comes back late, by userfaultfd
# (lab/host/preload/late.c), while its CPUs signal each other and it migrates live: handlers
# start on a page, a stack and a context that have yet to come. No CPU misses an event or has one
# too many.
. /lab/host/vmm.sh
plan 7
times=${TIMES:-${LONG:+20}}
times=${times:-2}
bare="$bare -object memory-backend-memfd,id=ram,size=16M,share=on -machine memory-backend=ram"

counter() { cat "/sys/kernel/debug/kvm/$1"; }
again_and_again() {
	for n in $(seq "$times"); do
		echo "migration $n"
		migrate -p late && goes_on && no_complaint || return 1
	done
}
late() { grep '^late: 16 MiB' "$dir/qemu" && [ "$(counter async_pf_started)" -gt "$1" ]; }
vmm -p late
check "the guest signals" goes_on
before=$(counter async_pf_started)
check "work items bring in its memory" within 60 late 100
check "it migrates $times times and continues each time" again_and_again
check "its memory came late there as well" within 60 late $((before + 200))
check "some waits ended early, for an event" [ "$(counter async_pf_interrupted)" -gt 0 ]
echo "# $(counter async_pf_started) pages, $(counter async_pf_interrupted) waits ended early, $(counter async_pf_sync) pages without a work item"
check "the counts are exact on each CPU" counts
check "no register changed in a handler or over one" no_complaint
stop
finish
