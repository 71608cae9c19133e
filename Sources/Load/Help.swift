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
         --vm-method NAME   what vm workers do: touch, a byte a stride (default); bandwidth, write
                            and read all of it in order; random, words in an order that no
                            prefetcher guesses
         --hdd-method NAME  how hdd workers write: buffered, whole files (default); direct, blocks
                            past the page cache (O_DIRECT); fsync, blocks, each on the disk
                            before the next
         --hdd-write-size B bytes of such a block (default is 64K)
         --io-method NAME   sync: every filesystem of the machine (default);
                            syncfs: only the one of the current directory
         --fork N           spawn N workers that fork a child and collect it
         --syscall N        spawn N workers spinning on one system call
         --syscall-method NAME  which: getppid (default), read, open or mmap
         --fault N          spawn N workers spinning on page faults
         --file N           spawn N workers that create, stat, rename and unlink a file
         --net-rr N         spawn N workers that wait for the response to a request, then send
                            the next
         --net-stream N     spawn N workers that send as fast as they can
         --net-rate N       spawn N workers that send requests at fixed moments, whatever comes
                            back; their times count from those moments (open loop)
         --rate R           requests a second of each net-rate worker (default is 1000)
         --net-bytes B      bytes of a request (default is 64) or a stream's block (128K)
         --net-connect HOST:PORT  where net workers connect to; without it, each has its other
                            end beside it, on loopback
         --net-listen [HOST:]PORT  be the other end, for any number of net workers
         --verify           accepted for scripts: memory and results are always verified
         --metrics          print at the end, for each kind of worker: operations, operations a
                            second of real time and of user+system time, CPU percent, largest RSS
         --metrics-json F   write the same, for each worker too, as one line of JSON to file F;
                            `-' is stdout, and then info and dbug lines go to stderr
         --interval T       sample operations, CPU time, bytes and latencies every T (100ms, 0.5,
                            2s), in lines, and in the JSON as a line for each as it ends

    Operations: cpu, one run of the method (tens of microseconds); io, one sync; vm, one
    filling of the memory, or 16384 random words; hdd, one file written, or one block; fork,
    one child; syscall, one call; fault, one page; file, one file's life; net-rr and net-rate,
    one response; net-stream, one block.

    Exit status: 0 success, 1 bad arguments, else the number of workers that failed; killed by
    SIGINT or SIGTERM, that signal (128+n as process 1 of a container).

    """
  }

  /// The classic version that this is compatible with, and whose tool it is.
  static func version(_ program: String) -> String { "\(program) 1.0.7 (compatible; Drydock)\n" }
}
