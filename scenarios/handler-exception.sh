# shellcheck shell=sh disable=SC2016,SC2317
# An exception in a handler that has interrupted user space, in a guest with page tables for
# user space alone (KPTI): a kprobe. It hangs that CPU of a stock guest for good, and
# the one that waits for its backtrace; with patches/client the backtrace comes.
. /lab/host/lib.sh
plan 6
handlers() { [ "$(cat /sys/kernel/debug/kvm/"$vmm"-*/sdei_events)" = "$1" ]; }
script='
tracing=/tmp/tracing
mkdir $tracing
mount -t tracefs tracing $tracing
echo p:probe show_regs >$tracing/kprobe_events
echo 1 >$tracing/events/kprobes/enable
taskset 2 sh -c "while :; do :; done" &
sleep 1
say "to backtraces"
backtraces
say "probed: $(grep -c "probe: (show_regs" $tracing/trace)"
'
guest -k /lab/Image.client -a 'kpti=on' <<END
$script
END
check "patched: the guest keeps running" wait_for 120 'guest: probed: [1-9]'
check "patched: CPU 1's backtrace has come" seen 'NMI backtrace for cpu 1$'
check "patched: the exception was in the handler" seen 'sdei: unsafe: exception during handler'
stop
guest -a 'kpti=on' <<END
$script
END
wait_for 120 'guest: to backtraces'
check "stock: CPU 1 enters its handler" within 20 handlers 1
check "stock: and hangs there, so the request never ends" eval '! wait_for 20 "guest: probed"'
stop
guest -a 'kpti=off' <<END
$script
END
check "stock without KPTI: the guest keeps running" wait_for 120 'guest: probed: [1-9]'
stop
finish
