# shellcheck shell=sh
# A guest kernel without SDEI runs as ever, offered the node or not.
. /lab/host/lib.sh
plan 4
for method in hvc none; do
	guest -k /lab/Image.nosdei -m $method <<'END'
echo 0 >/sys/devices/system/cpu/cpu1/online
echo 1 >/sys/devices/system/cpu/cpu1/online
online 1 && say "both CPUs"
END
	check "node $method: the guest ends by itself" ended 120
	check "node $method: with both CPUs, and never mentions SDEI" \
		sh -c "grep -q 'guest: both CPUs' $log && ! grep -qi sdei $log"
done
finish
