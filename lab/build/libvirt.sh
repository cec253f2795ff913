#!/bin/bash
# Make a disk for the emulated host with Debian's libvirt, arm64, in a root file system of its own:
# what scenarios/libvirt.sh runs. In the cache, like the host's root file system.
. "$(dirname "$0")/../common.sh"

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
packages=libvirt-daemon,libvirt-clients,libfdt1,busybox-static

extract() {
	local dir=$image.dir
	rm -rf "$dir" && mkdir "$dir" &&
	debian_tar "$suite" "$packages" >"$image.tar" &&
	tar -C "$dir" -xf "$image.tar" --no-same-owner --exclude=./dev/* --exclude=./usr/share/doc/* \
		--exclude=./usr/share/locale/* --exclude=./usr/share/man/* --exclude=./usr/lib/*/perl* \
		--exclude=./usr/lib/*/gconv --exclude=./var/* &&
	mkdir -p "$dir"/{dev,lab,proc,run,sys,tmp,var,etc/libvirt} &&
	{ [ -e "$dir/bin/sh" ] || ln -s busybox "$dir/bin/sh"; } &&
	printf '%s:x:0:0::/:/bin/sh\n' root libvirt-qemu >"$dir/etc/passwd" &&
	printf '%s:x:0:\n' root libvirt-qemu >"$dir/etc/group" &&
	rm -f "$image.new" && mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$dir" "$image.new" 160M &&
	rm -rf "$dir" "$image.tar" && mv "$image.new" "$image.img"
}
image=$CACHE/libvirt-$suite-$(checksum <(echo "$packages"; declare -f extract) | head -c 12)
locked_cache
if [ ! -f "$image.img" ]; then
	ask_for_root
	step "making a disk with libvirt ($suite, arm64)" libvirt extract
fi
ln -sfn "$image.img" "$OUT/libvirt.img"
