internal import Linux

extension Machine {
  /// Makes a machine that has just woken up its student's own.
  ///
  /// All wake up from one memory, so what must differ is told: the name, the time, the machine's id
  /// (machine-id(5)), and randomness: the kernel mixes in what is written to /dev/urandom
  /// (random(4)), and virtio-rng goes on from there.
  ///
  /// - Throws: `ClassroomError` when the machine does not let us in.
  func personalise(_ shell: Shell) throws(ClassroomError) {
    let random = try ClassroomError.told { () throws(SystemError) in
      let source = try File.open("/dev/urandom", .readOnly)
      return try File.readSome(source.raw, 48).hexadecimal
    }
    try shell.root(
      """
      date -s @\(Clock.wall / 1_000_000_000) >/dev/null
      echo \(random.dropFirst(32)) >/dev/urandom
      echo \(name) >/etc/hostname
      hostname \(name)
      sed -i 's/^127.0.1.1 .*/127.0.1.1 \(name)/' /etc/hosts
      echo \(random.prefix(32)) >/etc/machine-id
      install -d -m 700 -o student -g student /home/student/.ssh
      install -m 600 -o student -g student /root/.ssh/authorized_keys /home/student/.ssh/
      systemctl restart --no-block serial-getty@ttyS0

      """)
  }
}
