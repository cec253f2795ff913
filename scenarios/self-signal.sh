# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# A guest's CPUs signal themselves from their own handlers forever. That harms this guest
# alone: the host answers, another guest gets on, and the VMM can be killed.
. /lab/host/vmm.sh
plan 9

events() { cat /sys/kernel/debug/kvm/"$harmful"-*/sdei_events; }
stuck() {	# it takes events, and does nothing else
	rounds=$(console | grep -c '^round') before=$(events)
	sleep 2
	echo "$((($(events) - before) / 2)) events a second"
	[ "$(console | grep -c '^round')" = "$rounds" ] && [ "$(events)" -gt $((before + 20)) ]
}
answers() {
	uptime && start=$uptime
	for _ in $(seq 50); do /run/bin/true; done
	uptime
	echo "50 processes in $((uptime - start)) s"
	[ $((uptime - start)) -lt 60 ]
}
# All its threads: they are what would not come out of the kernel.
gone() {
	for thread in /proc/"$harmful"/task/*; do
		[ ! -e "$thread" ] || grep -q '^State:.*Z' "$thread/status" || return 1
	done
}
killed() {
	uptime && start=$uptime
	kill -9 "$harmful"
	within 10 gone || return 1
	echo "after $((uptime - start)) s"
}
vmm
harmful=$vmm
check "the guest signals" goes_on
uart x
check "its CPUs are in their handlers forever" within 30 stuck
sed 's/^/# /' /tmp/check.log
check "the host answers" answers
sed 's/^/# /' /tmp/check.log
vmm
check "another guest signals" goes_on
check "and its counts are exact on each CPU" counts
check "the VMM of the first one can be killed" killed
sed 's/^/# /' /tmp/check.log
stop
vmm
check "a new guest signals" goes_on
check "its counts are exact on each CPU" counts
check "no register changed in a handler or over one" no_complaint
stop
finish
