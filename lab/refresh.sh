#!/bin/bash
# Take the commits made in build/BASE/linux back into patches/, patches/series and the
# new files. A file is new when a commit of the series adds it; its last content counts.
. "$(dirname "$0")/lib.sh"

git() { command git -C "$LINUX" "$@"; }
base=$(git rev-parse -q --verify refs/lab/base) || die "no tree yet: make tree"
[ -z "$(git status --porcelain)" ] ||
	die "uncommitted changes in ${LINUX#"$ROOT"/}: commit them to the patch they belong to
(git commit --fixup=COMMIT -a && git rebase -i --autosquash refs/lab/base)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/patches"
selftests=tools/testing/selftests/kvm
git diff --name-only --no-renames --diff-filter=A "$base" HEAD >"$work/new"
[ -z "$(git diff --name-only --no-renames --diff-filter=D "$base" HEAD)" ] ||
	say "note: the series deletes files"

# The patch of this name already has that subject; a new one is named after it.
name_of() {
	local file
	for file in patches/*.patch; do
		if [ -f "$file" ] && [ "$(command git mailinfo --no-scissors /dev/null /dev/null <"$file" |
				sed -n 's/^Subject: //p')" = "$2" ]; then
			basename "$file"; return
		fi
	done
	git log -1 --format=%f.patch "$1"
}

sed -n '/^#/p;/^[^#]/q' patches/series >"$work/series" 2>/dev/null || :
for commit in $(git rev-list --reverse "$base..HEAD"); do
	subject=$(git log -1 --format=%s "$commit")
	patch=$(name_of "$commit" "$subject")
	tree=$commit
	if [ -s "bases/$BASE/${patch%.patch}.diff" ]; then
		# Leave out what only this base needs.
		export GIT_INDEX_FILE=$work/index
		git read-tree "$commit"
		git apply --cached -R "$ROOT/bases/$BASE/${patch%.patch}.diff" ||
			die "$subject: edits lines that bases/$BASE/${patch%.patch}.diff holds; change that file by hand"
		tree=$(git write-tree)
		unset GIT_INDEX_FILE
	fi
	changed=$(git diff --name-only --no-renames "$commit^" "$tree" | grep -vxFf "$work/new" || :)
	{
		printf 'From: %s\nSubject: [PATCH] %s\n\n' "KVM SDEI series <series@localhost>" "$subject"
		git log -1 --format=%b "$commit"
		echo ---
		# shellcheck disable=SC2086
		[ -z "$changed" ] || { echo; git diff --no-renames --no-color --abbrev=12 "$commit^" "$tree" -- $changed; }
	} >"$work/patches/$patch"
	line=$patch
	for file in $(git diff --name-only --no-renames --diff-filter=A "$commit^" "$commit"); do
		grep -qxF "$file" "$work/new" || continue
		path=${file/#$selftests\/$SELFTESTS\//$selftests/aarch64/}
		mkdir -p "$(dirname "$path")"
		git show "HEAD:$file" | cmp -s - "$path" || { git show "HEAD:$file" >"$path"; say "  updated $path"; }
		line+=" $path"
	done
	echo "$line" >>"$work/series"
done

mkdir -p patches
for file in patches/*.patch; do
	[ ! -f "$file" ] || [ -f "$work/$file" ] || { rm "$file"; say "  removed $file"; }
done
for file in "$work"/patches/*.patch "$work/series"; do
	[ -f "$file" ] || continue
	cmp -s "$file" "patches/${file##*/}" || { cp "$file" patches/; say "  updated patches/${file##*/}"; }
done
git update-ref refs/lab/made HEAD
say "  refresh: $(git rev-list --count "$base..HEAD") patches taken back"
