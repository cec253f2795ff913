#!/bin/bash
# Try the kit of make kit on an emulated host that has nothing of ours but its kernel: a plain
# Debian root file system, mounted read-only, and the tarball on a disk.
#   TESTS="probe sdei_test costs": only these   SECONDS=3600: how long it may take
. "$(dirname "$0")/../common.sh"
limit=${1:-3600}

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
packages=dash,coreutils,grep,tar,gzip,mount,util-linux,qemu-system-arm
root=$CACHE/plain-$suite-$(checksum <(echo "1 $packages") | head -c 12)
plain() {
	local dir=$root.dir
	rm -rf "$dir" && mkdir "$dir" &&
	debian_tar "$suite" "$packages" >"$root.tar" &&
	tar -C "$dir" -xf "$root.tar" --no-same-owner --exclude=./dev/* --exclude=./usr/share/doc/* --exclude=./usr/share/locale/* &&
	# What Debian's packages do when they are configured, for which no CPU is at hand here
	{ [ -e "$dir/bin/sh" ] || ln -s dash "$dir/bin/sh"; } && mkdir -p "$dir"/{dev,mnt,proc,sys,tmp} &&
	mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$dir" "$root.new" 900M &&
	rm -rf "$dir" "$root.tar" && mv "$root.new" "$root.img"
}
locked_cache
if [ ! -f "$root.img" ]; then
	ask_for_root
	step "making a plain root file system ($suite, arm64)" rootfs-plain plain
fi
exec 9>&-

cp "$OUT/sdei-kit.tar.gz" "$OUT/sdei-kit.disk"
truncate -s %512 "$OUT/sdei-kit.disk"
# What the first process runs: /bin/sh, of Debian.
job() {
	printf '%s\n' "names='${TESTS:-}' iterations=${ITERATIONS:-20} sdei=$1"
	cat <<'END'
mount -t proc proc /proc
mount -t sysfs sys /sys
[ -c /dev/null ] || mount -t devtmpfs dev /dev
exec >"$(echo /dev/vport*p1)" 2>&1
mount -t tmpfs mnt /mnt && cd /mnt && tar --warning=no-timestamp -xzf /dev/vdb || echo "FAILED: no tarball"
cat /proc/mounts >mounts
failed=''
# expect WORDS COMMAND...: it fails, and says what is missing.
expect() {
	words=$1
	shift
	"$@" >said 2>&1
	if [ $? = 2 ] && grep -q "^missing: $words" said; then
		echo "ok: it says that this is missing: $words"
	else
		echo "FAILED: it does not say that this is missing: $words"
		cat said
		failed=yes
	fi
}
if [ "$sdei" = yes ]; then
	expect QEMU env QEMU=no-qemu sdei-kit/run
	expect "root's rights" setpriv --reuid 1000 --clear-groups sdei-kit/run
	mv /dev/kvm /dev/kvm.gone
	expect /dev/kvm sdei-kit/run
	mv /dev/kvm.gone /dev/kvm
	ITERATIONS=$iterations sdei-kit/run $names || failed=yes
	ls sdei-kit/results | tr '\n' ' '
	echo
else
	expect SDEI sdei-kit/run
fi
if [ "$(cat /proc/mounts)" = "$(cat mounts)" ] && [ ! -e /lab ] && [ -z "$(ls /tmp)" ]; then
	echo "ok: nothing is left outside of its folder"
else
	echo "FAILED: something is left outside of its folder"
	failed=yes
fi
[ -z "$failed" ]
echo "exit: $?"
echo o >/proc/sysrq-trigger
sleep 1000
END
}
new_run kit
boot=(lab/run/boot.sh -r "$root.img" -p "$OUT/sdei-kit.disk" -t "$limit")
rc=0
"${boot[@]}" -n kit -a 'init=/bin/sh -- /dev/vdc' "$(job yes)" || rc=$?
pristine=$OUT-pristine/obj/arch/arm64/boot/Image
if [ -f "$pristine" ]; then
	"${boot[@]}" -n kit-no-sdei -k "$pristine" -a 'init=/bin/sh -- /dev/vdc' "$(job no)" || rc=$?
else
	say "not tried on a kernel without the series: make bench builds one"
fi
say "logs: ${RUN_DIR#"$ROOT"/}/kit.*"
[ "$rc" = 0 ]
