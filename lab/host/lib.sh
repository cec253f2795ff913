# shellcheck shell=sh disable=SC2034,SC3013
# What the scenarios share; they run in the emulated host, with its busybox.

plan() { echo "1..$1"; planned=$1 number=0; }

# check TEXT COMMAND...: a result, passed if COMMAND succeeds.
check() {
	number=$((number + 1))
	text=$1
	shift
	if "$@" >/tmp/check.log 2>&1; then
		echo "ok $number $text"
	else
		echo "not ok $number $text"
		echo "# failed: $*"
		{ cat /tmp/check.log; state; } 2>&1 | sed 's/^/#   /'
		failed=yes
	fi
}

# For a check that failed: does the guest hang, or is its host slow? The end of its console,
# which threads of the host run, and whether KVM's counters move meanwhile.
state() {
	[ ! -f "${log:-}" ] || console | tail -n 4
	counters
	top -b -H -n 2 -d 2 | awk '/^Mem/ { n++ } n == 2' | head -n 12 | cut -c 1-79
	counters
}
counters() { (cd /sys/kernel/debug/kvm && grep . exits ./*_exit_stat sdei_events halt_wakeup | tr '\n' ' '); echo; }

# The last act of a scenario: the guests' consoles go to their log and, on failure, the
# last one is part of the output.
finish() {
	[ "$number" = "$planned" ] || failed=yes
	consoles
	[ -z "${failed:-}" ] && exit 0
	console | sed 's/^/# guest| /'
	exit 1
}
consoles() {
	for console in /tmp/guest."$$".*/console; do
		[ -f "$console" ] || continue	# no guest
		echo "==== ${0##*/} ${console%/*}"
		tr -d '\r' <"$console"
	done >&4
}

# The device tree that QEMU makes for a guest of $1 CPUs, with an SDEI node that names
# conduit $2. QEMU pads its tree to 1 MiB and would double that on loading it: dtc packs it.
device_tree() {
	dtb=/tmp/virt-$1-$2.dtb
	[ ! -f "$dtb" ] || return 0
	$qemu -smp "$1" -machine dumpdtb=/tmp/virt.dtb >/dev/null 2>&1
	if [ -f "/lab/sdei-$2.dtbo" ]; then	# a server may have no fdtput: make kit
		fdtoverlay -i /tmp/virt.dtb -o "$dtb.new" "/lab/sdei-$2.dtbo"
	else
		dtc -q -I dtb -O dtb -o "$dtb.new" /tmp/virt.dtb
		fdtput -p -t s "$dtb.new" /firmware/sdei compatible arm,sdei-1.0
		fdtput -t s "$dtb.new" /firmware/sdei method "$2"
	fi
	mv "$dtb.new" "$dtb"
}

qemu="qemu-system-aarch64 -M virt,gic-version=host -accel kvm -cpu host -m 256 -nic none -display none"

# guest [-c CPUS] [-k IMAGE] [-m hvc|smc|none] [-a APPEND] [-q QEMU-OPTIONS]
# [-r yes] [-f FILE] [-t yes]: start a stock guest that runs the script on standard input and has
# FILE in its root; its console goes to $log. A console by virtio-mmio: it is fast, and
# needs no interrupts that a kexec would leave behind in the GIC. The VMM ends when the
# guest resets, unless -r lets it reboot. With -t its console is this terminal as well, and
# guest() returns when it has ended.
guest() {
	# Without -a, no page tables for user space alone: to switch them takes long here.
	cpus=2 image=/lab/Image method=hvc append=kpti=off more='' reset=-no-reboot file='' terminal=''
	while [ $# -gt 0 ]; do
		case $1 in
		-c) cpus=$2 ;;
		-k) image=$2 ;;
		-m) method=$2 ;;
		-a) append=$2 ;;
		-q) more=$2 ;;
		-r) reset='' ;;
		-f) file=$2 ;;
		-t) terminal=$2 ;;
		esac
		shift 2
	done
	guests=$((${guests:-0} + 1))
	dir=/tmp/guest.$$.$guests log=/tmp/guest.$$.$guests/console
	mkdir -p "$dir/root"
	cat >"$dir/root/job"
	[ -z "$file" ] || cp "$file" "$dir/root/"
	(cd "$dir/root" && find . | cpio -o -H newc 2>/dev/null) | cat /lab/guest.cpio - >"$dir/initrd"
	: >"$log"
	with=''
	if [ "$method" != none ]; then device_tree "$cpus" "$method"; with="-dtb $dtb"; fi
	set -- -smp "$cpus" -kernel "$image" -initrd "$dir/initrd" \
		-append "console=hvc0 loglevel=1 panic=-1 printk.devkmsg=on $append" \
		-device virtio-serial-device -device virtconsole,chardev=console -serial none
	# shellcheck disable=SC2086
	if [ -n "$terminal" ]; then
		$qemu $with $more $reset "$@" -chardev "stdio,id=console,mux=on,signal=off,logfile=$log" \
			-mon console -echr 2 </dev/tty >/dev/tty
		return
	fi
	# shellcheck disable=SC2086
	$qemu $with $more $reset "$@" -chardev "file,id=console,path=$log" -monitor none \
		</dev/null >"$dir/qemu" 2>&1 &
	vmm=$!
}

# late_device VARIABLE=...: $qemu's guests are told about late pages, and have a PCI device with
# 64 MiB of them (lab/host/preload/late.c has the variables).
late_device() {
	qemu="env LD_PRELOAD=/lab/vmm/async-pf.so:/lab/vmm/late.so LATE_MIB=64 $*
		$qemu -object memory-backend-memfd,id=late,size=64M,share=on -device ivshmem-plain,memdev=late"
}
# One of KVM's counters of the newest VMM's VM. Those of all VMs fall when one ends.
counter() { cat /sys/kernel/debug/kvm/"$vmm"-*/"$1"; }

# What the console has shown; its lines end in CR LF.
console() { tr -d '\r' <"$log"; }
seen() { console | grep -q "$@"; }
shown() { lines "$log" "$2" "$1"; }	# shown N REGEX: of the lines as they are, so without $
absent() { ! console | grep "$@"; }
lines() { [ "$(grep -c -- "$2" "$1")" -ge "$3" ]; }	# FILE REGEX N

# Waiting here takes the CPUs from the guest that is waited for: each process that is
# started costs some 10 ms in emulation. So the clock is read without one, and a file is looked
# at only if it is not older than the last look.
uptime() { read -r uptime _ </proc/uptime && uptime=${uptime%.*}; }
look() { # FILE REGEX N
	[ -z "$looked" ] || ! [ /tmp/looked.$$ -nt "$1" ] || return 1
	looked=yes
	: >/tmp/looked.$$
	lines "$@"
}

# within SECONDS COMMAND...: until it succeeds.
within() {
	uptime
	until=$((uptime + $1)) looked=''
	shift
	until "$@"; do
		uptime
		[ "$uptime" -lt "$until" ] || return 1
		usleep 50000
	done
}
wait_file() { within "$1" look "$2" "$3" "${4:-1}"; }	# SECONDS FILE REGEX [N lines of it]

# wait_for SECONDS REGEX [N]: until the console has shown it (N times); false at the
# time limit or when the VMM has gone.
vmm_gone() { ! kill -0 "$vmm" 2>/dev/null; }
look_or_gone() { look "$@" || vmm_gone; }
wait_for() {
	within "$1" look_or_gone "$log" "$2" "${3:-1}"
	shown "${3:-1}" "$2"
}

# Whether the guest has ended by itself within $1 seconds; it has ended in any case.
ended() {
	within "$1" vmm_gone || { stop; return 1; }
	wait "$vmm"
}
stop() { kill -9 "$vmm" 2>/dev/null; wait "$vmm" 2>/dev/null; }

# nmi all|VCPU...: the operator's NMI to the guest. Its VMM was started with $qemu_nmi for $qemu.
qemu_nmi="env LD_PRELOAD=/lab/vmm/nmi.so $qemu"
nmi() {
	echo "$@" >/tmp/nmi.new
	mv /tmp/nmi.new "/tmp/nmi.$vmm"
}

# For a host that is booted with kmemleak=on: what is unreferenced. An object must be some
# seconds old to count.
kmemleak=/sys/kernel/debug/kmemleak
leaks() {
	sleep 6
	echo scan >$kmemleak
	sleep 1
	echo scan >$kmemleak
	cat $kmemleak
}
# Whether all VMs have gone but the one that stays (lab/host/init): it is seen in the statistics,
# and so is the sum.
one_vm() { [ "$(find /sys/kernel/debug/kvm -name sdei_events | wc -l)" = 2 ]; }
