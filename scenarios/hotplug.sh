# shellcheck shell=sh
# A CPU goes offline and comes back with event 0 registered: taken back and made
# again on that CPU each time (C146, C147).
. /lab/host/lib.sh
plan 6
guest -c 2 <<'END'
for round in 1 2 3 4 5; do
	echo 0 >/sys/devices/system/cpu/cpu1/online
	online 1 && say "cpu 1 does not go"
	echo 1 >/sys/devices/system/cpu/cpu1/online
	online 1 || say "cpu 1 does not come back"
done
idle_backtraces
wedge 1
backtraces
hold
END
check "the guest stays alive" wait_for 120 "guest: done"
stop
check "CPU 1 went offline and came back, five times" shown 6 'CPU1: Booted secondary processor'
check "each time it did" absent 'guest: cpu 1 does not'
check "back again, it answers when idle" seen 'NMI backtrace for cpu 1 skipped: idling'
check "and when wedged" seen 'pc : lkdtm_HARDLOCKUP+'
check "no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
finish
