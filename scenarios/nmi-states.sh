# shellcheck shell=sh disable=SC2317,SC2329
# inject-nmi when the guest is in its firmware, when it has just been reset, when it is stopped,
# and with CPU 0 offline; to one that is stopped and migrates before it continues; and once more to
# its crash kernel.
. /lab/host/operator.sh
plan 19

operated "$uefi" -r yes <<'END'
taskset -p 2 $$
echo 0 >/sys/devices/system/cpu/cpu0/online
say "online: $(cat /sys/devices/system/cpu/online)"
hold
END
check "in its firmware: it has not registered" refuses "$unregistered"
check "it boots, and takes CPU 0 offline" wait_for 200 'guest: online: 1'
check "it is reset" ask system_reset
check "at once: it has not registered" refuses "$unregistered"
check "it boots again" wait_for 200 'guest: online: 1' 2
check "it is stopped" ask stop
check "an NMI" injects
sleep 2
check "is not taken yet" absent "$panicked"
check "it continues" ask cont
check "and takes the NMI, on CPU 1" wait_for 60 "$panicked"
check "which is not CPU 0" seen 'CPU: 1 .* Comm:'
stop

operated "$uefi" <<'END'
hold
END
wait_for 200 'guest: done'
ask stop >/dev/null
check "stopped, an NMI" injects
check "it goes to a file" send 'exec:cat >/tmp/state'
check "an NMI to what is left here is refused" refuses "$away"
stop
operated "$uefi -incoming defer" <<'END'
hold
END
check "an NMI to where it is not yet is refused" refuses "$away"
ask migrate-incoming '"uri": "exec:cat /tmp/state"' >/dev/null
arrived paused >/dev/null
ask cont >/dev/null
check "at the destination it takes the NMI" wait_for 60 "$panicked"
stop

operated "$uefi" -f /lab/Image -a 'kpti=off crashkernel=192M' <<'END'
grep -q crash-kernel /proc/cmdline && hold
crash_kernel
hold
END
check "a guest with a crash kernel" wait_for 200 'guest: done'
ask inject-nmi >/dev/null
check "is in it after an NMI" wait_for 120 'guest: done' 2
ask inject-nmi >/dev/null
check "which takes one more, and has nothing to start then" wait_for 60 "$panicked"
stop
finish
