# shellcheck shell=sh disable=SC2317,SC2329
# A Linux guest migrates live while some of its tasks sleep until their pages come
# (lab/host/preload/late.c). What they wait for does not travel: at the destination each looks at
# its page again. The last time it migrates by post-copy, whose pages come late by themselves. No
# task stays asleep, and no page is wrong.
. /lab/host/vmm.sh
plan 7
times=${TIMES:-${LONG:+20}}
times=${times:-1}
qemu="qemu-system-aarch64 -nodefaults -no-user-config -M virt,gic-version=3 -accel kvm -cpu host
	-m 128 -display none -object memory-backend-memfd,id=ram,size=128M,share=on -machine memory-backend=ram"
export LATE_FILE=/tmp/late.$$ LATE_US=2000 LATE_PAGES=10000 LATE_MS=2000 LATE_PARTS=16

mkdir -p /tmp/root.$$
echo "seconds=$((100 + 25 * times))" >/tmp/root.$$/job
cat >>/tmp/root.$$/job <<'END'
(taskset f pages 2 6 "$seconds" >/tmp/pages; touch /tmp/ended) &
n=0
until [ -f /tmp/ended ]; do
	n=$((n + 1))
	echo "round $n" >/dev/console
	sleep 1
done
echo "in all $(cat /tmp/pages)" >/dev/console
END
(cd /tmp/root.$$ && find . | cpio -o -H newc 2>/dev/null) | cat /lab/guest.cpio - >/tmp/initrd.$$
device_tree 2 hvc
bare="$qemu -smp 2 -dtb $dtb -kernel /lab/Image -initrd /tmp/initrd.$$ -append console=ttyAMA0"

told() { [ "$(counter async_pf_accepted)" -gt "$1" ]; }
# Copying waits for late pages, too, so the guest is faster unless it is stopped for that.
unlimited() { qmp_done "$dir" migrate-set-parameters '"downtime-limit": 60000'; }
again_and_again() {
	for n in $(seq "$times"); do
		echo "migration $n"
		unlimited
		migrate -p async-pf -p late && goes_on && within 60 told 50 || return 1
	done
}
status() { qmp_done "$dir" query-migrate; tail -n 1 "$dir/qmp" | grep "\"status\": \"$1\""; }
by_post_copy() {
	# From where pages don't come late to be copied
	unlimited
	migrate -p async-pf || return 1
	capability='"capabilities": [{"capability": "postcopy-ram", "state": true}]'
	source=$dir source_log=$log source_vmm=$vmm socket=/tmp/migrate.$$.late
	qmp_done "$dir" migrate-set-capabilities "$capability"
	# Slow enough for the guest to need pages that have not come
	qmp_done "$dir" migrate-set-parameters '"max-bandwidth": 1048576, "max-postcopy-bandwidth": 1048576'
	vmm -i defer -p async-pf
	target=$dir target_vmm=$vmm
	qmp_done "$dir" migrate-set-capabilities "$capability"
	qmp_done "$dir" migrate-incoming "\"uri\": \"unix:$socket\""
	back
	qmp_done "$dir" migrate "\"uri\": \"unix:$socket\""
	within 60 status active || fail "no migration has begun" || return 1
	qmp_done "$dir" migrate-start-postcopy
	within 60 status postcopy-active || fail "it is not by post-copy" || return 1
	dir=$target log=$target/console vmm=$target_vmm
	within 60 told 20 || fail "it is not told" || return 1
	back
	qmp_done "$dir" migrate-set-parameters '"max-postcopy-bandwidth": 0'
	within 100 status completed || fail "it is still on its way" || return 1
	stop
	dir=$target log=$target/console vmm=$target_vmm
	arrived running
}
vmm -p async-pf -p late
check "the guest's tasks work" goes_on
: >/tmp/late.$$
check "it is told of late pages" within 60 told 50
check "it migrates $times times, continues, and is told there" again_and_again
check "it migrates by post-copy, and is told of pages meanwhile" by_post_copy
check "it continues there" goes_on
check "all tasks end" wait_for $((240 + 25 * times)) '^in all [0-9]* pages'
check "none found a wrong word" seen ' 0 words wrong'
echo "# $(counter async_pf_accepted) accepted there, $(console | grep '^in all')"
stop
finish
