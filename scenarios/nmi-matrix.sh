# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# Migrations of one machine type, each way, between QEMU as it is and QEMU with the series, which
# has SDEI on or off, on a KVM with SDEI and one without (vmm/preload/no-sdei.c). What has SDEI's
# registers can't go where they are not, and stays where it is, running; all else can.
. /lab/host/operator.sh
kinds="stock-with stock-without off-with off-without on-with"
plan 26
options="-nodefaults -no-user-config -accel kvm -cpu host -smp 5 -m 16 -display none
	-kernel /lab/guest-bare/signal.bin"

# at KIND: the next VMM is of that kind.
at() {
	case $1 in
	stock-*) bare="$stock -M virt-7.2,gic-version=3 $options" ;;
	off-*) bare="$series -M virt-7.2,gic-version=3 $options" ;;
	on-*) bare="$series -M virt-7.2,gic-version=3,sdei=on $options" ;;
	esac
	case $1 in *-without) with='-p no-sdei' ;; *) with='' ;; esac
}
has() { case $1 in stock-with|on-with) ;; *) return 1 ;; esac; }
leave() {
	at "$1"
	# shellcheck disable=SC2086
	vmm $with
	goes_on || return 1
	qmp "$dir" migrate-set-capabilities '"capabilities": [{"capability": "return-path", "state": true}]'
	at "$2"
	# shellcheck disable=SC2086
	migrate $with
}
goes() { leave "$@" && goes_on; }
stays() {
	! leave "$@" && goes_on &&
		grep 'Invalid value [0-9]* expecting positive value <= [0-9]*\|error while loading state' "$target/qemu"
}
for from in $kinds; do
	for to in $kinds; do
		if has "$from" && ! has "$to"; then
			check "$from to $to: refused, and runs on here" stays "$from" "$to"
			grep 'Invalid value\|loading state' "$target/qemu" | sed 's/^/# /'
		else
			check "$from to $to" goes "$from" "$to"
		fi
		stop
		[ -z "${target_vmm:-}" ] || kill -9 "$target_vmm" 2>/dev/null
	done
done
check "no register changed in a handler or over one" no_complaint
finish
