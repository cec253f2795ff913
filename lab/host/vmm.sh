# shellcheck shell=sh disable=SC2034
# For the scenarios that migrate: VMMs with the bare guest of lab/guest/bare, and QMP.
# A VMM's files are in $dir: qmp and console are what it has sent, qmp.in and uart.in take
# commands. lib.sh's wait_for, seen and so on look at the newest VMM's console.
# shellcheck disable=SC1091
. /lab/host/lib.sh

bare="qemu-system-aarch64 -nodefaults -no-user-config -name debug-threads=on -M virt,gic-version=3 -accel kvm -cpu host
	-smp 5 -m 16 -display none -kernel /lab/guest-bare/signal.bin"

# vmm [-i URI] [-p NAME]...: start one; with -i it waits for a guest to come from there, -p
# preloads that one of vmm/preload or lab/host/preload. Where two intercept the same call, each
# but the last one must pass it on.
vmm() {
	incoming='' preload=''
	while [ $# -gt 0 ]; do
		case $1 in
		-i) incoming=$2 ;;
		-p) preload="$preload /lab/vmm/$2.so" ;;
		esac
		shift 2
	done
	guests=$((${guests:-0} + 1))
	dir=/tmp/guest.$$.$guests log=/tmp/guest.$$.$guests/console
	mkdir -p "$dir"
	mkfifo "$dir/uart.in" "$dir/uart.out" "$dir/qmp.in" "$dir/qmp.out"
	: >"$log"
	: >"$dir/qmp"
	cat "$dir/uart.out" >>"$log" &
	cat "$dir/qmp.out" >>"$dir/qmp" &
	# shellcheck disable=SC2086
	LD_PRELOAD=$preload $bare ${incoming:+-incoming "$incoming"} \
		-chardev "pipe,id=uart,path=$dir/uart" -serial chardev:uart \
		-chardev "pipe,id=qmp,path=$dir/qmp" -mon chardev=qmp,mode=control \
		</dev/null >"$dir/qemu" 2>&1 &
	vmm=$!
	# What is written before it listens is lost.
	wait_file 60 "$dir/qmp" '"QMP"' || fail "the VMM does not start" || return 1
	# A late answer would look like one to the next command.
	qmp_done "$dir" qmp_capabilities
	qmp_done "$dir" migrate-set-capabilities '"capabilities": [{"capability": "events", "state": true}]'
}

fail() { echo "$*:"; cat "$dir/qemu" "$dir/qmp"; return 1; }

# qmp DIR COMMAND [ARGUMENTS]: opens the pipe for both ways, so as never to wait for a reader.
qmp() { echo "{\"execute\": \"$2\", \"arguments\": {${3:-}}}" 1<>"$1/qmp.in"; }
# The same, until it has answered.
qmp_done() {
	answers=$(grep -c '^{"\(return\|error\)"' "$1/qmp")
	qmp "$@"
	wait_file 60 "$1/qmp" '^{"\(return\|error\)"' $((answers + 1))
}
uart() { printf %s "$1" 1<>"$dir/uart.in"; }

# send URI: the guest leaves for there; false if it does not get away.
send() {
	ends='"MIGRATION".*"\(completed\|failed\)"'
	ended=$(grep -c "$ends" "$dir/qmp")
	qmp "$dir" migrate "\"uri\": \"$1\""
	wait_file 90 "$dir/qmp" "$ends" $((ended + 1)) || fail "it is still on its way" || return 1
	grep "$ends" "$dir/qmp" | tail -n 1 | grep '"completed"' && return
	qmp_done "$dir" query-migrate
	tail -n 1 "$dir/qmp"
	return 1
}

# come FROM-URI [VMM-OPTIONS]: a new VMM takes a guest that was sent; true if it runs.
come() {
	stop
	vmm -i "$@" && arrived running
}
# arrived STATUS: the guest is there, and has the status that it was sent with.
arrived() {
	# Its vCPUs never rest: where there are fewer CPUs, the next VMM and the copying go first.
	for thread in /proc/"$vmm"/task/*; do
		read -r comm <"$thread/comm"
		case $comm in CPU*) renice -n 10 -p "${thread##*/}" ;; esac
	done
	for _ in $(seq 600); do
		qmp_done "$dir" query-status || break
		! tail -n 1 "$dir/qmp" | grep -q "\"status\": \"$1\"" || return 0
		usleep 50000
	done
	fail "it has not arrived"
}

# migrate [VMM-OPTIONS]: live, to a new VMM, which is the current one from then on.
migrate() {
	source=$dir source_log=$log source_vmm=$vmm socket=/tmp/migrate.$$.$guests
	vmm -i "unix:$socket" "$@" || return 1
	target=$dir target_vmm=$vmm
	within 90 test -S "$socket" || fail "the VMM there does not listen" || return 1
	back
	send "unix:$socket" || return 1
	stop
	dir=$target log=$target/console vmm=$target_vmm
	arrived running
}
# Back to the VMM that a migration started from.
back() { dir=$source log=$source_log vmm=$source_vmm; }

# The guest continues: it prints more than it has already.
goes_on() { wait_for 60 '^round' $(($(console | grep -c '^round') + 1)); }

# The guest's end: it stops signalling, and counts.
counts() {
	uart q
	wait_for 100 '^counts exact\|^FAILED\|^no SDEI all'
	console | tail -n 12
	seen '^counts exact'
}
# What a guest has complained of, in any of its VMMs.
no_complaint() { ! grep -h ERROR /tmp/guest."$$".*/console; }

# For two hosts, 10.0.0.1 and 10.0.0.2. One waits until the other one has come as far, at
# a point that both call the same number.
await() { timeout 100 nc -l -p $((5000 + $1)) </dev/null; }
tell() { within 100 nc "$2" $((5000 + $1)) </dev/null 2>/dev/null; }	# NUMBER HOST
# The newest VMM waits for a guest at port 4444.
listens() { within 60 grep -q ':115C 00000000:0000 0A' /proc/net/tcp || fail "it does not listen"; }
# A guest has come from the other one.
came() {
	wait_file 60 "$dir/qmp" '"MIGRATION".*"completed"' || fail "it does not come" || return 1
	arrived running
}
