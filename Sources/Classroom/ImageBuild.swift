internal import Linux

/// Makes an image: `drydock classroom build`.
///
///     mmdebstrap ─▶ root.tar ─▶ tree (tmpfs) ─▶ drydock.raw ─▶ drydock.qcow2
///                                + programs      vmlinuz, initrd, packages.txt, image.json
///                                + settings
///
/// Needs the network once, for Debian's packages, and root, for their owners. Nothing is mounted
/// outside of a namespace of its own, so nothing stays when it is killed but the folder.
public struct ImageBuild {
  /// What is made.
  public var recipe: Recipe
  /// A folder with this project's programs.
  public var binaries: String
  /// Where the image goes; made.
  public var out: String
  /// Where packages come from; nil for the host's own.
  public var mirror: String?
  /// A root filesystem that was made before (`root.tar`): no network is asked.
  public var root: String?
  /// Told what happens next.
  public var progress: (String) -> Void

  /// Describes a build.
  public init(
    _ recipe: Recipe, binaries: String, out: String, mirror: String? = nil, root: String? = nil,
    progress: @escaping (String) -> Void
  ) {
    self.recipe = recipe
    self.binaries = binaries
    self.out = out
    self.mirror = mirror
    self.root = root
    self.progress = progress
  }

  /// Builds it.
  ///
  /// - Returns: the image's description, which is in `image.json` too.
  /// - Throws: `ClassroomError` with what failed; `out` holds no `image.json` then.
  public func run() throws(ClassroomError) -> ImageManifest {
    try check()
    let scratch = out + "/build"
    try ClassroomError.told { () throws(SystemError) in
      try File.makeDirectories(scratch)
      if File.exists(out + "/image.json") { try File.remove(out + "/image.json") }
    }
    let tar = try packages(scratch)
    let tree = scratch + "/tree"
    try ClassroomError.told { () throws(SystemError) in
      try File.makeDirectories(tree)
      try Processes.unshare(.mount)
      try Mounts.mount(nil, on: "/", type: nil, [.private, .recursive], data: nil)
      try Mounts.mount("tmpfs", on: tree, type: "tmpfs", [], data: "mode=755,size=75%")
    }
    progress("unpacking the root filesystem")
    try Tool("tar", package: "tar")(["-xpf", tar, "-C", tree, "--numeric-owner", "--xattrs"])
    progress("adding drydock")
    try addPrograms(tree)
    try addSettings(tree)
    let installed = try installed(tree)
    try settleTimes(tree)

    progress("writing the disk")
    let disk = DiskImage(
      path: scratch + "/drydock.raw", mebibytes: recipe.diskMebibytes, epoch: recipe.epoch)
    try disk.write(tree: tree, scratch: scratch)
    progress("compressing it")
    let qcow2 = scratch + "/drydock.qcow2"
    try Tool("qemu-img", package: "qemu-utils")(
      ["convert", "-q", "-c", "-f", "raw", "-O", "qcow2", disk.path, qcow2])
    try ClassroomError.told { () throws(SystemError) in
      for (from, to) in [("vmlinuz", "vmlinuz"), ("initrd.img", "initrd")] {
        let source = try File.open("\(tree)/\(from)", .readOnly)
        let target = try File.open("\(scratch)/\(to)", [.writeOnly, .create, .truncate])
        try File.copy(source.raw, to: target.raw, name: to)
      }
      try Mounts.unmount(tree, detached: true)
      try File.removeDirectory(tree)
      try File.replace(out + "/packages.txt", with: installed.utf8)
      for name in ["drydock.raw", "drydock.qcow2", "vmlinuz", "initrd"] {
        try File.move("\(scratch)/\(name)", to: "\(out)/\(name)")
      }
    }
    progress("computing digests")
    let manifest = try ImageManifest(recipe, in: out)
    try ClassroomError.told { () throws(SystemError) in
      try File.replace(out + "/image.json", with: manifest.json.utf8)
      try File.removeTree(scratch)
    }
    return manifest
  }

  /// What can be known to be missing before minutes are spent.
  private func check() throws(ClassroomError) {
    guard Identity.effectiveUser == 0 else {
      throw ClassroomError(
        "building an image needs root: its files are root's", hint: "sudo drydock classroom build")
    }
    for (tool, package) in [
      ("mmdebstrap", "mmdebstrap"), ("mke2fs", "e2fsprogs"), ("debugfs", "e2fsprogs"),
      ("grub-mkimage", "grub-common grub-pc-bin"), ("qemu-img", "qemu-utils"), ("tar", "tar"),
    ] { _ = try Tool(tool, package: package) }
    for (name, _) in Recipe.programs where !File.exists("\(binaries)/\(name)") {
      throw ClassroomError(
        "\(binaries)/\(name) is missing", hint: "build it: swift build -c release")
    }
  }

  /// Debian's packages as a tar.
  private func packages(_ scratch: String) throws(ClassroomError) -> String {
    if let root { return root }
    progress("fetching and unpacking \(recipe.packages.count) packages and what they need")
    let tar = out + "/root.tar"
    let left = ["man", "doc", "locale", "info", "groff", "lintian"].map {
      "--dpkgopt=path-exclude=/usr/share/\($0)/*"
    }
    try Tool("mmdebstrap", package: "mmdebstrap")(
      [
        "--quiet", "--variant=important", "--format=tar",
        "--aptopt=Acquire::Languages \"none\"", "--aptopt=APT::Install-Recommends \"false\"",
        "--include=" + recipe.packages.joined(separator: ","),
      ] + left + [recipe.suite, scratch + "/root.tar"] + (mirror.map { [$0] } ?? []),
      environment: ["SOURCE_DATE_EPOCH=\(recipe.epoch)"])
    try ClassroomError.told { () throws(SystemError) in
      try File.move(scratch + "/root.tar", to: tar)
    }
    return tar
  }

  private func addPrograms(_ tree: String) throws(ClassroomError) {
    let strip = try Tool("strip", package: "binutils")
    try ClassroomError.told { () throws(SystemError) in
      try File.makeDirectories(tree + "/usr/lib/drydock")
    }
    for (name, isTyped) in Recipe.programs {
      let target = "\(tree)/usr/lib/drydock/\(name)"
      try strip(["-o", target, "\(binaries)/\(name)"])
      try ClassroomError.told { () throws(SystemError) in
        try File.setMode(target, 0o755)
        if isTyped { try File.makeLink("\(tree)/usr/bin/\(name)", to: "../lib/drydock/\(name)") }
      }
    }
  }

  private func addSettings(_ tree: String) throws(ClassroomError) {
    try ClassroomError.told { () throws(SystemError) in
      for entry in Recipe.files {
        let path = tree + entry.path
        try File.makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        try File.replace(path, with: entry.text.utf8, mode: entry.mode)
      }
      // What Debian's packages made for one machine.
      for name in try File.list(tree + "/etc/ssh") where name.hasPrefix("ssh_host_") {
        try File.remove("\(tree)/etc/ssh/\(name)")
      }
    }
    let chroot = try Tool("chroot", package: "coreutils")
    let time = ["SOURCE_DATE_EPOCH=\(recipe.epoch)"]
    let files = ["passwd", "shadow", "group", "gshadow"].map { "/etc/\($0)-" }
    for command in [
      ["useradd", "--create-home", "--uid", "1000", "--shell", "/bin/bash", "student"],
      ["systemctl", "--quiet", "enable"] + Recipe.units,
      ["systemctl", "--quiet", "mask"] + Recipe.masked,
      // A user's services run without a login: delegated cgroups (loginctl(1), enable-linger).
      ["mkdir", "-p", "/var/lib/systemd/linger"], ["touch", "/var/lib/systemd/linger/student"],
      ["rm", "-f"] + files,
    ] { try chroot([tree] + command, environment: time) }
  }

  /// Name and version of every package, a line each.
  private func installed(_ tree: String) throws(ClassroomError) -> String {
    try Tool("dpkg-query", package: "dpkg")(
      ["--admindir=\(tree)/var/lib/dpkg", "-W", "-f", "${Package} ${Version}\\n"])
  }

  /// Nothing is younger than the image.
  private func settleTimes(_ tree: String) throws(ClassroomError) {
    try Tool("find", package: "findutils")(
      [
        tree, "-newermt", "@\(recipe.epoch)", "-exec", "touch", "-h", "-d", "@\(recipe.epoch)",
        "{}",
        "+",
      ])
  }
}
