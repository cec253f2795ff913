# shellcheck shell=sh
# VMMs die at bad moments: with a vCPU inside a handler, with vCPUs running, in the middle
# of a selftest. The host, booted with kmemleak=on, finds nothing left behind.
. /lab/host/lib.sh
plan 5
check "kmemleak is on" sh -c "echo scan >$kmemleak"

# The stop handler never completes: CPU 1 is inside it when the VMM is killed.
for round in 1 2; do
	echo "# round $round"
	guest -a 'kpti=off panic=0' <<'END'
wedge 1
echo c >/proc/sysrq-trigger
END
	wait_for 120 'SMP: retry stop with SDEI NMI for CPUs 1' || missed=yes
	usleep 300000
	stop
done
check "two VMMs killed with CPU 1 inside its handler" [ -z "${missed:-}" ]

# Signals in flight, one way or the other.
guest <<'END'
dmesg -n 1
say "storm"
while :; do backtraces; done
END
check "a VMM killed in a storm of signals" wait_for 120 'guest: storm'
sleep 1
stop

# The selftests' machines, at any stage, which are in a child each: so a group each. One that
# ends by itself first does no harm.
for test in /lab/selftests/*/sdei*_test; do
	[ -x "$test" ] || continue
	for time in 300000 1600000 ${LONG:+200000 400000 800000 3200000}; do
		setsid "$test" >/dev/null 2>&1 &
		usleep "$time"
		kill -9 $! -$! 2>/dev/null
		wait $! 2>/dev/null
		killed=yes
	done
done
check "selftests killed at various moments" [ -n "${killed:-}" ]

leaks >/tmp/after
check "nothing is left of them: kmemleak" sh -c "! grep . /tmp/after"
finish
