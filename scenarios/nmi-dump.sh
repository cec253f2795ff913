# shellcheck shell=sh
# Every CPU of a guest is wedged with interrupts masked. inject-nmi makes it panic, and its
# crash kernel finds SDEI again and a dump with the registers of each CPU: for those that were
# stopped the place where they were wedged, which the log has for the one that took the NMI.
. /lab/host/operator.sh
plan 11
operated "$uefi" -c 3 -f /lab/Image -a 'kpti=off crashkernel=192M' <<'END'
dump
crash_kernel
wedge 1 2
echo HARDLOCKUP >/sys/kernel/debug/provoke-crash/DIRECT
END
check "the guest has a crash kernel" wait_for 200 'guest: crash kernel loaded'
check "its CPUs are wedged" wait_for 60 'guest: wedged: CPU 1 2'
sleep 2
check "QMP takes inject-nmi" injects
check "the crash kernel comes up" wait_for 120 'guest: up, 1 CPUs, .*crash-kernel'
check "and ends by itself" ended 120
check "it found SDEI again" shown 2 'sdei: SDEIv1.1 (0x4b564d) detected in firmware\.'
for cpu in 1 2; do
	check "the dump has CPU $cpu where it was wedged" \
		seen "vmcore: CPU $cpu: PC lkdtm_HARDLOCKUP+.*, interrupts masked"
done
check "and CPU 0, in the panic" seen 'vmcore: CPU 0: PC '
check "the log in the dump has the reason" seen "^log: $panicked"
check "and where CPU 0 was wedged" seen '^log:  lkdtm_HARDLOCKUP+'
finish
