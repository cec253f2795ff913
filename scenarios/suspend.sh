# shellcheck shell=sh disable=SC2016
# A guest goes to sleep with its events registered and comes back, as far as there is a test for
# that, and by hibernation, in another VMM: event 0 is there, also for a CPU that is wedged.
. /lab/host/lib.sh
plan 14
guest -k /lab/Image.field <<'END'
for delay in /sys/module/*/parameters/pm_test_delay; do echo 1 >$delay; done
# Only hibernation turns CPU 1 off.
for test in freeze-devices disk-devices disk-processors disk-core; do
	echo ${test#*-} >/sys/power/pm_test
	echo ${test%-*} >/sys/power/state && say "back from $test"
done
wedge 1
backtraces
hold
END
check "tests: the guest gets to its end" wait_for 200 'guest: done'
for test in freeze-devices disk-devices disk-processors disk-core; do
	check "tests: back from $test" seen "guest: back from $test"
done
check "tests: each has waited" shown 4 'debug: Waiting for'
check "tests: CPU 1 was off, twice" shown 2 'psci: CPU1 killed'
check "tests: a wedged CPU answers" seen 'pc : lkdtm_HARDLOCKUP+'
check "tests: no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
stop

disk=/tmp/swap.$$
truncate -s 256M $disk
hibernating() {
	guest -k /lab/Image.field -a 'kpti=off resume=/dev/vda' \
		-q "-drive if=none,format=raw,id=disk,file=$disk -device virtio-blk-device,drive=disk" <<-'END'
		mkswap /dev/vda
		swapon /dev/vda
		echo 0 >/sys/power/image_size
		echo shutdown >/sys/power/disk
		say "to disk"
		echo disk >/sys/power/state
		say "back from disk"
		wedge 1
		backtraces
		hold
	END
}
hibernating
check "hibernation: the guest turns itself off" ended 200
check "hibernation: not before it was asked to" seen 'guest: to disk'
hibernating
check "hibernation: it comes back" wait_for 200 'guest: done'
check "hibernation: as the guest that it was" absent 'guest: up'
check "hibernation: a wedged CPU answers" seen 'pc : lkdtm_HARDLOCKUP+'
stop
rm $disk
finish
