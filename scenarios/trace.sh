# shellcheck shell=sh
# What an administrator sees of a guest's SDEI: trace events, with trace-cmd, and how many
# events it took, in debugfs. The guest wedges CPU 1, and asks it for a backtrace.
. /lab/host/lib.sh
plan 8
trace=/tmp/trace.txt
check "trace-cmd knows the events" trace-cmd start -e kvm:kvm_sdei_signal -e kvm:kvm_sdei_deliver -e kvm:kvm_sdei_complete
guest -c 2 <<'END'
wedge 1
backtraces
hold
END
check "the guest gets its backtrace" wait_for 120 'pc : lkdtm_HARDLOCKUP+'
wait_for 20 'guest: done'
check "the VM's statistic says that its CPUs took one event" \
	[ "$(cat /sys/kernel/debug/kvm/"$vmm"-*/sdei_events)" = 1 ]
stop
trace-cmd stop
trace-cmd show >$trace
trace-cmd reset
event() { grep "kvm_sdei_$1: VCPU: 1, event: 0x00000000, $2$" $trace; }
pc='PC: 0x[0-9a-f]\{16\}'
check "the trace has vCPU 1 signalled by vCPU 0" event signal 'source: 0'
check "the handler entered once, and left, nothing else" \
	[ "$(event '[a-z]*' '.*' | sed 's/.*kvm_sdei_\([a-z]*\).*/\1/' | tr '\n' ' ')" = "signal deliver complete " ]
check "entered in the kernel, where the CPU is wedged" \
	[ "$(event deliver "$pc" | sed 's/.* PC: \(0xffff\).*/\1/')" = 0xffff ]
check "and gone on at the same PC" \
	[ "$(event deliver "$pc" | sed 's/.* PC/PC/')" = "$(event complete "$pc" | sed 's/.* PC/PC/')" ]
sed 's/^/# /' $trace >&4
trace-cmd start -e kvm:kvm_sdei_signal
for test in /lab/selftests/*/sdei_nmi_test; do "$test" >/dev/null; done
check "an NMI that the VMM raises is in the trace" \
	sh -c "trace-cmd show | grep 'kvm_sdei_signal: VCPU: 0, event: 0x40000000, source: -1$'"
trace-cmd reset
finish
