#!/bin/sh
# enter.sh ROOT CHECKOUT SCRATCH NODE COMMAND...: runs a command as root of another system, in a checkout that it sees as
# /root/postsnap, where others can't enter. It is called in mount and process ID namespaces of its own, so that all mounts
# end with it. The network is the machine's: a new one would have no loopback. The programs that are COMPARED_ELSEWHERE are
# compared with by .ci/run: what they say depends on neither the system nor Node.js.
set -eu
root=$1 checkout=$2 scratch=$3 node=$4
shift 4

# The root of a system is a mount point: unshare(1) asks for one.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount --bind "$scratch" "$root/tmp"
mkdir -p "$root/root/postsnap" "$root/opt/node"
mount --bind "$checkout" "$root/root/postsnap"
if [ -n "$node" ]; then mount --bind "$node" "$root/opt/node"; fi

# Not chroot: who is in one gets no user namespace. The old root lies above the new one until it is taken away.
cd "$root"
pivot_root . .
umount -l .
cd /

# This shell stays, as the init that takes in what others leave behind.
env -i HOME=/root LANG=C.UTF-8 CI=true NO_COLOR=1 COMPARED_ELSEWHERE='restic promtool mandoc man zsh fish lintian systemd-analyze systemctl strace npm' \
  PATH=/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  sh -c 'cd /root/postsnap && exec "$@"' sh "$@"
