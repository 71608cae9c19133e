/// What `--help` and `--version` print.
enum Help {
  /// The classic usage, word for word, then what this tool adds.
  static func usage(_ program: String) -> String {
    """
    `\(program)' imposes certain types of compute stress on your system

    Usage: \(program) [OPTION [ARG]] ...
     -?, --help         show this help statement
         --version      show version statement
     -v, --verbose      be verbose
     -q, --quiet        be quiet
     -n, --dry-run      show what would have been done
     -t, --timeout N    timeout after N seconds
         --backoff N    wait factor of N microseconds before work starts
     -c, --cpu N        spawn N workers spinning on sqrt()
     -i, --io N         spawn N workers spinning on sync()
     -m, --vm N         spawn N workers spinning on malloc()/free()
         --vm-bytes B   malloc B bytes per vm worker (default is 256MB)
         --vm-stride B  touch a byte every B bytes (default is 4096)
         --vm-hang N    sleep N secs before free (default none, 0 is inf)
         --vm-keep      redirty memory instead of freeing and reallocating
     -d, --hdd N        spawn N workers spinning on write()/unlink()
         --hdd-bytes B  write B bytes per hdd worker (default is 1GB)

    Example: \(program) --cpu 8 --io 4 --vm 2 --vm-bytes 128M --timeout 10s

    Note: Numbers may be suffixed with s,m,h,d,y (time) or B,K,M,G (size).

    Beyond the classic options:
         --cpu P%           as many cpu workers as P percent of the CPUs that this process's
                            cgroup quota, cpuset and affinity allow, rounded up
         --cpu-method NAME  what cpu workers compute: int64, float, matrix, fft, sieve, crc or
                            sqrt (default is sqrt); each result is verified
         --cpu-load P       keep each cpu worker at P percent of one CPU (default is 100)
         --cpu-ops N        end each cpu worker after N operations
         --ops N            end each worker, of any kind, after N operations
         --vm-bytes P%      P percent of the memory limit in force for this process's cgroup,
                            divided among the vm workers (of MemTotal when there is no limit)
         --io-method NAME   sync: every filesystem of the machine (default);
                            syncfs: only the one of the current directory
         --verify           accepted for scripts: memory and results are always verified
         --metrics          print at the end, for each kind of worker: operations, operations a
                            second of real time and of user+system time, CPU percent, largest RSS
         --metrics-json F   write the same, for each worker too, as JSON to file F; `-' is
                            stdout, and then info and dbug lines go to stderr
         --interval T       sample operations and CPU time every T (100ms, 0.5, 2s), in lines
                            and in the JSON

    Operations: cpu, one run of the method (tens of microseconds); io, one sync; vm, one
    filling of the memory; hdd, one file written.

    Exit status: 0 success, 1 bad arguments, else the number of workers that failed; killed by
    SIGINT or SIGTERM, that signal (128+n as process 1 of a container).

    """
  }

  /// The classic version that this is compatible with, and whose tool it is.
  static func version(_ program: String) -> String { "\(program) 1.0.7 (compatible; Drydock)\n" }
}
