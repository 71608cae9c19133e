# Runs inside a container in place of /bin/true and prints what it finds there, a fact a line:
# that is how every sample proves that it measured what it says (Facts.swift).
for kind in mnt uts ipc net pid cgroup; do echo "ns.$kind $(readlink /proc/self/ns/$kind)"; done
# In a cgroup namespace of its own, a container's cgroup is the root and holds only its processes.
for tree in cpu cpuacct cpuset memory devices freezer blkio pids; do
  echo "cgroup.$tree $(tr '\n' ' ' </sys/fs/cgroup/$tree/cgroup.procs)"
done
while read -r name value; do
  case $name in Seccomp: | NoNewPrivs: | CapBnd:) echo "${name%:} $value" ;; esac
done </proc/self/status
echo "mounts $(grep -c '' /proc/self/mountinfo)"
for path in /proc /dev /dev/pts /dev/shm /dev/mqueue /sys /sys/fs/cgroup; do
  grep -q " $path " /proc/self/mountinfo && echo "mount.$path yes"
done
(true >/proc/sys/kernel/hostname) 2>/dev/null || echo "proc.sys read-only"
echo "keys $(grep -c '' /proc/keys)"
echo "pid $$"
