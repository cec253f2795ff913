# shellcheck shell=sh disable=SC2317
# Parts of a guest's memory go away over and over, and each page comes back late, by userfaultfd
# (lab/host/preload/late.c). The guest is told, and its tasks sleep meanwhile: on one, two and
# four CPUs, with one of them going offline and coming back, and while it is asked for backtraces.
# No task stays asleep, and no page is wrong.
. /lab/host/lib.sh
plan 14
qemu="env LD_PRELOAD=/lab/vmm/async-pf.so:/lab/vmm/late.so LATE_FILE=/tmp/late.$$
	LATE_US=3000 LATE_PAGES=10000 LATE_MS=500 LATE_PARTS=16
	$qemu -object memory-backend-memfd,id=ram,size=256M,share=on -machine memory-backend=ram"
told() { [ "$(counter async_pf_accepted)" -gt "$1" ]; }

for cpus in 1 2 4; do
	guest -c "$cpus" <<'END'
dmesg -s 1000000 | grep 'kvm-async-pf: tasks sleep' >/dev/console
taskset f pages 2 8 14 >/tmp/pages &
sleep 2
say "works"
for _ in 1 2 3; do
	sleep 2
	[ ! -f /sys/devices/system/cpu/cpu1/online ] || echo 0 >/sys/devices/system/cpu/cpu1/online
	backtraces
	sleep 1
	[ ! -f /sys/devices/system/cpu/cpu1/online ] || echo 1 >/sys/devices/system/cpu/cpu1/online
done
wait
say "$(cat /tmp/pages)"
hold
END
	check "$cpus CPUs: the guest's tasks work" wait_for 120 'guest: works'
	: >/tmp/late.$$
	check "it is told of more pages than it has slots" within 60 told 300
	check "all tasks end" wait_for 200 'guest: [0-9]* pages'
	check "none found a wrong word" seen ' 0 words wrong'
	echo "# $(counter async_pf_accepted) accepted, $(console | sed -n 's/.*guest: \(.* wrong\)/\1/p')"
	stop
	rm /tmp/late.$$
done

# One that wants none of it
guest -c 1 -a "kpti=off no-kvmapf" <<'END'
say "$(taskset f pages 2 8 14)"
hold
END
: >/tmp/late.$$
check "with no-kvmapf it works as well" wait_for 200 'guest: .* 0 words wrong'
check "and is told of nothing" [ "$(counter async_pf_accepted)" = 0 ]
stop
finish
