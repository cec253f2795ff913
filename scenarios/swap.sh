# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# A guest's memory is swapped out over and over while its CPUs signal each other: its handlers
# start on a page, a stack and a context that must be brought in first. No CPU misses an event
# or has one too many.
. /lab/host/vmm.sh
plan 7
rounds=${ROUNDS:-${LONG:+3000}}
rounds=${rounds:-100}

# Where QEMU has the guest's memory.
memory() {
	qmp_done "$dir" human-monitor-command '"command-line": "gpa2hva 0x40000000"'
	tail -n 1 "$dir/qmp" | grep -o 'is 0x[0-9a-f]*' | cut -d' ' -f2
}
page_out() { /lab/faults/pageout "$vmm" "$(memory)" 0x1000000 "$rounds"; }
check "the host has something to swap to" sh -c "mkswap /dev/ram0 && swapon /dev/ram0"
vmm
check "the guest signals" goes_on
check "its memory is swapped out, $rounds times" page_out
sed 's/^/# /' /tmp/check.log
check "the guest continues" goes_on
check "its counts are exact on each CPU" counts
check "no register changed in a handler or over one" no_complaint
stop
check "the swap is empty again" swapoff /dev/ram0
finish
