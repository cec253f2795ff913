# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# What nmi-matrix does with a KVM that has SDEI turned off, with a kernel that has never heard of
# it: on the second host it is the same one without the series. Migrations of one machine type,
# each way, between QEMU as it is and QEMU with the series.
. /lab/host/operator.sh
options="-nodefaults -no-user-config -accel kvm -cpu host -smp 5 -m 16 -display none
	-kernel /lab/guest-bare/signal.bin"

# at KIND: the next VMM is of that kind.
at() {
	case $1 in
	stock) bare="$stock -M virt-7.2,gic-version=3 $options" ;;
	off) bare="$series -M virt-7.2,gic-version=3,sdei=off $options" ;;
	on) bare="$series -M virt-7.2,gic-version=3,sdei=on $options" ;;
	esac
}
# The two ends of a migration. The one that it goes to says when it listens.
leaves() {
	at "$1"
	vmm
	goes_on || return
	qmp "$dir" migrate-set-capabilities '"capabilities": [{"capability": "return-path", "state": true}]'
	step=$((${step:-0} + 1))
	await "$step" && send "tcp:$other:4444"
}
stays() { ! leaves "$1" && goes_on; }
opens() {
	at "$1"
	vmm -i tcp:0.0.0.0:4444
	step=$((${step:-0} + 1))
	listens && tell "$step" "$other"
}
arrives() { opens "$1" && came && goes_on; }
rejects() {
	opens "$1" || return
	! ended 200 && grep 'Invalid value [0-9]* expecting positive value <= [0-9]*\|error while loading state' "$dir/qemu"
}

if [ "${1:-}" = there ]; then
	plan 15
	other=10.0.0.1
	check "the kernel has no SDEI: sdei=on is refused" \
		sh -c "$series -M virt,sdei=on -accel kvm -cpu host -nic none -display none 2>&1 |
			grep 'mach-virt: KVM does not support providing SDEI to the guest'"
	for from in stock off on; do
		for to in stock off; do
			case $from in
			off) check "from $from there, it arrives at $to" arrives $to ;;
			*)
				check "from $from there, it is refused by $to" rejects $to
				grep 'Invalid value\|loading state' "$dir/qemu" | sed 's/^/# /'
				;;
			esac
			[ "$from-$to" != off-off ] || check "inject-nmi: no NMI here" refuses "$none"
			stop
		done
	done
	for from in stock off; do
		for to in stock off on; do
			check "from $from it goes to $to there" leaves $from
			stop
		done
	done
	check "no register changed in a handler or over one" no_complaint
	finish
fi

plan 15
other=10.0.0.2
for from in stock off on; do
	for to in stock off; do
		case $from in
		off) check "from $from it goes to $to without SDEI" leaves $from ;;
		*) check "from $from it does not go to $to without SDEI, and runs on here" stays $from ;;
		esac
		stop
	done
done
for from in stock off; do
	for to in stock off on; do
		check "from $from without SDEI, it arrives at $to" arrives $to
		[ "$to" != on ] || check "inject-nmi: what came without SDEI has no NMI" refuses "$none"
		stop
	done
done
check "no register changed in a handler or over one" no_complaint
finish
