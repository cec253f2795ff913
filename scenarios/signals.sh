# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# A guest's vCPU threads are signalled out of KVM_RUN at random, out of WFI too, and the VMM
# is stopped and continued as by a shell's job control, while its CPUs signal each other. No
# CPU misses an event or has one too many.
. /lab/host/vmm.sh
plan 6
signals=${SIGNALS:-${LONG:+50000}}
signals=${signals:-1000}

exits() { cat /sys/kernel/debug/kvm/"$vmm"-*/signal_exits; }
# They end KVM_RUN unless the thread is out of it anyway.
poke() {
	before=$(exits)
	/lab/faults/poke "$vmm" "$signals" || return 1
	echo "KVM_RUN ended $(($(exits) - before)) times"
	[ $(($(exits) - before)) -gt $((signals / 4)) ]
}
stop_and_go() {
	for _ in $(seq $((signals / 40))); do
		kill -STOP "$vmm" && usleep 5000 && kill -CONT "$vmm" && usleep 5000 || return 1
	done
}
vmm
check "the guest signals" goes_on
check "its vCPU threads get $signals signals" poke
sed 's/^/# /' /tmp/check.log
check "the VMM is stopped and continued, $((signals / 40)) times" stop_and_go
check "the guest continues" goes_on
check "its counts are exact on each CPU" counts
check "no register changed in a handler or over one" no_complaint
stop
finish
