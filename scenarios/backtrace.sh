# shellcheck shell=sh
# A CPU wedged with interrupts masked answers to sysrq-l, by event 0, and continues with
# the registers it had (C142, C144); an idle CPU answers too.
. /lab/host/lib.sh
plan 8
guest -c 2 <<'END'
idle_backtraces
wedge 1
backtraces
backtraces
hold
END
check "the guest stays alive" wait_for 120 "guest: done"
stop
check "each CPU answers each time" shown 3 'NMI backtrace for cpu 1'
check "when idle, too" seen 'NMI backtrace for cpu 1 skipped: idling'
check "the wedged CPU answers, twice" shown 2 'pc : lkdtm_HARDLOCKUP+'
check "its interrupts were masked" seen 'pstate: .* daIF '
check "its call trace is there" seen ' lkdtm_do_action+'
# x0 to x29, pc, lr, sp and pstate of both backtraces.
registers() {
	console | sed 's/^\[[^]]*\] *//' | awk -v n="$1" '
		/^guest: wedged/ { on = 1 }
		on && /^NMI backtrace for cpu 1$/ { i++ }
		/^(pstate|pc|lr|sp|x[0-9]+) *:/ && i == n { print }
		/^Call trace/ && i == n { exit }'
}
registers 1 >/tmp/registers.1
registers 2 >/tmp/registers.2
check "every register was printed" [ "$(grep -o 'x[0-9][0-9]* *:' /tmp/registers.1 | sort -u | wc -l)" = 30 ]
check "the second time they are what they were the first time" \
	sh -c "grep -q . /tmp/registers.1 && diff /tmp/registers.1 /tmp/registers.2"
finish
