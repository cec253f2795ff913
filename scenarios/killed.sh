# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# VMMs are killed at random instants, from before they have a VM until their guest's CPUs
# have signalled each other for a while. The host, booted with kmemleak=on, has nothing left
# of them, and runs a new guest as ever.
. /lab/host/vmm.sh
plan 6
times=${TIMES:-${LONG:+1000}}
times=${times:-30}

# By the host's statistics, of all VMs: to read those of one keeps it, and then KVM complains
# when QEMU, which tries a VM of that name first, creates its own.
events() { cat /sys/kernel/debug/kvm/sdei_events; }
signals() { [ "$(events)" -gt 0 ]; }
now() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# A group of its own: a selftest has its VM in a child.
start() {
	setsid "$@" </dev/null >/dev/null 2>&1 &
	vmm=$!
}
end() {
	kill -9 "$vmm" -"$vmm" 2>/dev/null
	wait "$vmm" 2>/dev/null
}
# kill_them TIMES COMMAND...: each lives up to twice as long as it takes until events arrive.
kill_them() {
	n=$1 signalling=0 begin=$(now)
	shift
	start "$@"
	within 60 signals || { echo "no event in a minute"; return 1; }
	takes=$(($(now) - begin))
	end
	for i in $(seq 0 $((n - 1))); do
		within 10 one_vm || { echo "after $i of them a VM is still there"; return 1; }
		start "$@"
		# Spread over that time, so that a few have late ones among them.
		usleep $((($(shuf -i 0-$((2 * takes)) -n 1) + 2 * takes * i) * 1000 / n))
		! signals || signalling=$((signalling + 1))
		end
	done
	echo "$signalling of $n while events arrived, which takes $takes ms"
	[ "$signalling" -gt $((n / 5)) ]
}
check "kmemleak is on" sh -c "echo scan >$kmemleak"
# shellcheck disable=SC2086
check "QEMU is killed, $((times / 10)) times" kill_them $((times / 10)) $bare -monitor none -serial none
sed 's/^/# /' /tmp/check.log
check "sdei_storm_test is killed, $times times" kill_them "$times" /lab/selftests/*/sdei_storm_test -t 60
sed 's/^/# /' /tmp/check.log
check "no VM is left" within 10 one_vm
leaks >/tmp/after
check "nothing else is left of them: kmemleak" sh -c "! grep . /tmp/after"
works() { vmm && goes_on && counts && no_complaint; }
check "a new guest signals, and its counts are exact" works
stop
finish
