# shellcheck shell=sh
# Guest kernels of other bases, as far as they are built: one without a client still
# finds SDEI and runs as ever, with its CPUs going and coming back.
. /lab/host/lib.sh
set -- /lab/Image.[0-9]*
if [ ! -f "$1" ]; then
	echo "1..0 # SKIP no other kernel is built"
	exit 4
fi
plan $((4 * $#))
for image; do
	name=${image#/lab/Image.}
	guest -k "$image" <<'END'
echo 0 >/sys/devices/system/cpu/cpu1/online
echo 1 >/sys/devices/system/cpu/cpu1/online
online 1 && say "both CPUs"
END
	check "$name: the guest ends by itself" ended 120
	check "$name: with both CPUs" seen 'guest: both CPUs'
	check "$name: it finds SDEI 1.1 of KVM" seen 'sdei: SDEIv1.1 (0x4b564d) detected in firmware\.'
	check "$name: no call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
done
finish
