#!/bin/sh
# boot.sh ROOT GROUP: starts the systemd of another system as the first process of namespaces of its own, in a control group
# of its own. Nothing of the machine is changed by it: it has a /dev of its own, may write neither below /sys nor below
# /proc/sys, and its network has nothing but the loopback interface. All of it ends with this process.
set -eu
root=$1 group=$2

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t cgroup2 cgroup2 "$root/mnt"
mkdir "$root/mnt/$group"
echo $$ >"$root/mnt/$group/cgroup.procs"
umount "$root/mnt"

exec unshare --mount --pid --fork --kill-child --cgroup --uts --ipc --net sh -euc '
  root=$1
  mount -t proc proc "$root/proc"
  mount --bind "$root/proc/sys" "$root/proc/sys"
  mount -o remount,bind,ro "$root/proc/sys"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  mknod -m 666 "$root/dev/null" c 1 3
  mknod -m 666 "$root/dev/zero" c 1 5
  mknod -m 666 "$root/dev/full" c 1 7
  mknod -m 666 "$root/dev/random" c 1 8
  mknod -m 666 "$root/dev/urandom" c 1 9
  mknod -m 666 "$root/dev/tty" c 5 0
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  cd "$root"
  pivot_root . .
  umount -l .
  cd /
  busybox ifconfig lo 127.0.0.1 up
  exec env -i container=other PATH=/usr/sbin:/usr/bin /usr/lib/systemd/systemd --log-target=journal --show-status=no
' sh "$root"
