#!/bin/bash
# Take the commits made in build/qemu/src back into vmm/qemu/: a mail each, and their order in
# series. A commit that says "Not to be merged." is for the lab only.
. "$(dirname "$0")/../common.sh"

SRC=$ROOT/build/qemu/src
git() { command git -C "$SRC" "$@"; }
base=$(git rev-parse -q --verify refs/lab/base) || die "no tree yet: make qemu"
[ -z "$(git status --porcelain -uno)" ] || die "uncommitted changes in ${SRC#"$ROOT"/}"

new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
sed -n '/^#/p;/^[^#]/q' vmm/qemu/series >"$new/series"
for commit in $(git rev-list --reverse "$base..HEAD"); do
	patch=$(git log -1 --format=%f.patch "$commit") lab=''
	! git log -1 --format=%b "$commit" | grep -qx 'Not to be merged\.' || lab='lab '
	{
		printf 'From: %s\nSubject: [PATCH] %s\n\n' "KVM SDEI series <series@localhost>" "$(git log -1 --format=%s "$commit")"
		git log -1 --format=%b "$commit"
		printf -- '---\n\n'
		git diff --no-renames --no-color --abbrev=12 "$commit^" "$commit"
	} >"$new/$patch"
	echo "$lab$patch" >>"$new/series"
done
for file in vmm/qemu/*.patch; do
	[ ! -f "$file" ] || [ -f "$new/${file##*/}" ] || { rm "$file"; say "  removed $file"; }
done
for file in "$new"/*; do
	cmp -s "$file" "vmm/qemu/${file##*/}" || { cp "$file" vmm/qemu/; say "  updated vmm/qemu/${file##*/}"; }
done
git update-ref refs/lab/made HEAD
say "  refresh: $(git rev-list --count "$base..HEAD") patches taken back"
