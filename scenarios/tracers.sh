# shellcheck shell=sh
# NMIs meet what else interrupts a kernel or changes its code: ftrace, also in the handler, a
# kprobe that CPU 1 hits all the time, perf's samples. The guest has page tables for user space
# alone (KPTI).
. /lab/host/lib.sh
plan 10
guest -k /lab/Image.field -a 'kpti=on' <<'END'
tracing=/tmp/tracing
busy=$tracing/instances/busy
mkdir $tracing
mount -t tracefs tracing $tracing
mkdir $busy
# What CPU 1 does all the time has a buffer of its own, a small one.
echo 16 >$busy/buffer_size_kb
echo p:probe ksys_write >$tracing/kprobe_events
echo 1 >$busy/events/kprobes/enable
echo vfs_write >$busy/set_ftrace_filter
echo function >$busy/current_tracer
echo sdei_nmi_handler >$tracing/set_ftrace_filter
samples >/tmp/samples &
sampler=$!
taskset 2 sh -c 'while :; do echo; done' >/dev/null &
writer=$!
for tracer in function function_graph; do
	echo $tracer >$tracing/current_tracer
	for _ in 1 2 3 4 5; do backtraces; done
	say "$tracer: in the handler $(grep -c sdei_nmi_handler $tracing/per_cpu/cpu1/trace)"
done
say "outside $(grep -c 'vfs_write <-' $busy/per_cpu/cpu1/trace)"
kill $sampler $writer
wait
while read -r line; do say "$line"; done </tmp/samples
say "kprobe: $(cat $tracing/kprobe_profile)"
wedge 1
backtraces
hold
END
check "the guest gets to its end" wait_for 300 'guest: done'
stop
check "each backtrace of CPU 1 has come" shown 11 'NMI backtrace for cpu 1'
check "also when it was wedged" seen 'pc : lkdtm_HARDLOCKUP+'
check "the handler was traced by function" seen 'guest: function: in the handler [5-9]'
check "and by function_graph" seen 'guest: function_graph: in the handler [5-9]'
check "function traced what CPU 1 did" seen 'guest: outside [1-9]'
check "the kprobe was hit" seen 'guest: kprobe: *probe *[1-9][0-9][0-9]'
check "perf sampled CPU 0" seen 'guest: samples: CPU 0 [1-9]'
check "and CPU 1" seen 'guest: samples: CPU 1 [1-9]'
check "nothing else was reported" absent -i 'BUG: \|WARNING: .* at \|Oops\|unsafe:\|responded\|sdei.*\(fail\|error\|disabling\|warn\)'
finish
