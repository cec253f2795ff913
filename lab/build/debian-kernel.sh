#!/bin/bash
# Bring Debian's own arm64 kernel, as it is, for a guest: $CACHE/src/Image.debian-VERSION, and a
# link to it as build/BASE/Image.debian. A mirror that has moved on is no error: no such guest.
. "$(dirname "$0")/../common.sh"
# shellcheck source=bases/7.3/base
. "bases/$GUEST/base"
image=$CACHE/src/Image.debian-$VERSION

extract() {
	local dir=$CACHE/src/debian.$$ deb rc=0
	rm -rf "$CACHE"/src/debian.* && mkdir "$dir" && cd "$dir" &&
	apt-get "${options[@]}" update &&
	apt-get "${options[@]}" download "$DEBIAN=$VERSION" &&
	deb=$(echo ./*.deb) && echo "$DEBIAN_SHA256  $deb" | sha256sum -c &&
	dpkg-deb -x "$deb" . && mv usr/lib/modules/*/vmlinuz "$image" || rc=$?
	rm -rf "$dir"
	return $rc
}

locked_cache
if [ ! -f "$image" ]; then
	apt_of_suite arm64
	step "downloading $DEBIAN" debian-kernel extract ||
		{ say "note: no guest with Debian's own kernel: see ${LOGS#"$ROOT"/}/debian-kernel.log"; exit 0; }
fi
ln -sfn "$image" "$OUT/Image.debian"
