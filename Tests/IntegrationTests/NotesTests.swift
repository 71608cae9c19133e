import Linux
import Testing

/// What is printed from the code into Notes must be what the code prints.
@Suite struct NotesTests {
  @Test func theTableOfStepsIsTheCataloguesOwn() throws {
    let printed = try run([Machine.binaries + "/drydock", "steps", "--markdown"]).output
    let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let page = try File.text(package + "/Notes/steps.md")
    #expect(page.hasSuffix(printed), "print it anew: drydock steps --markdown")
    #expect(printed.split(separator: "\n").count > 40)
  }
}

/// What notes about Docker type, with `drydock` for `docker`: a line, its exit code, and what it
/// must say.
@Suite(
  "The notes' command lines", .serialized,
  .enabled(if: Drydock.isReady, "needs root and the executables"))
struct TypedTests {
  let drydock: Drydock

  init() throws { drydock = try Drydock() }

  /// Types lines into a shell, one after the other, where `drydock` is the one under test.
  func type(_ lines: [(String, Int32, String)]) throws {
    let folder = drydock.scratch + "/shell"
    try File.makeDirectories(folder)
    let script =
      "#!/bin/sh\nexec \(drydock.binaries)/drydock \(drydock.roots.joined(separator: " ")) \"$@\"\n"
    try File.replace(folder + "/drydock", with: script.utf8, mode: 0o755)
    for (line, code, words) in lines {
      let result = try Child.run(
        "/bin/sh", ["sh", "-c", "cd \(folder); PATH=\(folder):$PATH; \(line)"])
      let text = String(decoding: result.output + result.error, as: UTF8.self)
      #expect(result.status.code == code, "\(line): \(text)")
      #expect(words.isEmpty || text.contains(words), "\(line): \(text)")
    }
  }

  @Test("The client: help, version, info")
  func client() throws {
    try type([
      ("drydock help", 0, "SUBCOMMANDS"), ("drydock", 0, "SUBCOMMANDS"),
      ("drydock run --help", 0, "--cpu-shares"), ("drydock help volume", 0, "prune"),
      ("drydock volume create --help", 0, "--label"), ("drydock -v", 0, "drydock version"),
      ("drydock version", 0, "drydock version"),
      ("drydock info", 0, "Docker Root Dir: \(drydock.scratch)/root"),
      ("drydock info --format '{{.DockerRootDir}}'", 0, "\(drydock.scratch)/root"),
      ("drydock info | grep Containers:", 0, "Containers: 0"),
      ("drydock conjure", 125, "'conjure' is not a drydock command."),
    ])
  }

  @Test("Where the data are: another root, and one that is a link")
  func dataLocation() throws {
    let place = drydock.scratch + "/disk"
    try File.makeDirectory(place)
    try File.makeLink(drydock.scratch + "/link", to: place)
    func run(_ words: [String]) throws -> Child.Result {
      try Child.run(
        drydock.binaries + "/drydock",
        ["drydock", "--root", drydock.scratch + "/link", "--run-root", drydock.scratch + "/run"]
          + words)
    }
    let output = try run(["run", "--rm", "-v", "data:/d", "busybox", "touch", "/d/x"])
    #expect(output.status.code == 0, "\(String(decoding: output.error, as: UTF8.self))")
    #expect(File.exists(place + "/volumes/data/_data/x") && File.exists(place + "/state.db"))
    let info = String(decoding: try run(["info"]).output, as: UTF8.self)
    #expect(info.contains("Docker Root Dir: \(place)\n"))
  }

  @Test("Volumes")
  func volumes() throws {
    try type([
      ("drydock volume create data", 0, "data"), ("drydock volume ls", 0, "local    data"),
      ("drydock volume inspect data", 0, "/root/volumes/data/_data"),
      ("drydock run --rm -v data:/data busybox sh -c 'echo kept > /data/file'", 0, ""),
      ("drydock run --rm -v data:/data busybox cat /data/file", 0, "kept"),
      ("mkdir host; echo mine > host/file", 0, ""),
      ("drydock run --rm -v $PWD/host:/ctr busybox cat /ctr/file", 0, "mine"),
      ("drydock run --rm -v $PWD/host:/ctr:ro busybox touch /ctr/new", 1, "Read-only file system"),
      ("drydock run --rm -v $PWD/host:/ctr:z busybox ls /ctr", 0, "file"),
      ("drydock run --rm -v $PWD/host:/ctr:Z busybox ls /ctr", 0, "file"),
      ("drydock run --rm -v $PWD/host/file:/one busybox cat /one", 0, "mine"),
      ("drydock run --rm -v $PWD/new:/made busybox touch /made/x; ls new", 0, "x"),
      ("drydock run --name store -v /data -v /more busybox sh -c 'echo a > /data/x'", 0, ""),
      ("drydock run --name next --volumes-from store busybox cat /data/x", 0, "a"),
      ("drydock rm store", 0, "store"),
      ("drydock run --rm --volumes-from next busybox cat /data/x", 0, "a"),
      ("drydock volume ls -q | wc -l", 0, "3"), ("drydock rm -v next", 0, "next"),
      ("drydock volume ls -q | wc -l", 0, "1"), ("drydock volume rm data", 0, "data"),
      ("echo n | drydock volume prune", 0, "Are you sure you want to continue? [y/N]"),
      ("drydock volume prune -f", 0, "Total reclaimed space: 0B"),
    ])
    #expect(try Child.run(drydock.binaries + "/drydock", ["drydock", "-v"]).status.code == 0)
  }

  @Test("Containers")
  func containers() throws {
    try type([
      ("drydock create -it --name first busybox", 0, ""), ("drydock ps -a", 0, "Created"),
      ("drydock run busybox env", 0, "HOME=/root"), ("drydock run --name twice busybox", 0, ""),
      ("drydock run --name twice busybox", 125, "is already in use by container"),
      ("drydock run -d --name web busybox sleep 1000", 0, ""), ("drydock ps -q | wc -l", 0, "1"),
      ("drydock exec web ps", 0, "sleep 1000"), ("drydock exec -d web touch /x", 0, ""),
      ("drydock exec -e A=b web sh -c 'echo $A'", 0, "b"),
      ("drydock exec -u 1234 web id", 0, "uid=1234"),
      ("drydock exec --privileged web grep CapEff /proc/self/status", 0, "CapEff"),
      ("drydock inspect --format '{{.State.Status}}' web", 0, "running"),
      ("drydock pause web", 0, "web"), ("drydock ps", 0, "(Paused)"),
      ("drydock unpause web", 0, "web"), ("drydock rename web site", 0, ""),
      ("drydock stop -t 0 site", 0, "site"), ("drydock ps -a", 0, "Exited (137)"),
      ("drydock start site", 0, "site"), ("drydock restart -t 0 site", 0, "site"),
      ("drydock kill $(drydock ps -q)", 0, ""), ("drydock wait site", 0, "137"),
      ("drydock run --name code busybox sh -c 'exit 7'", 7, ""),
      ("drydock run busybox /etc/passwd", 126, ""), ("drydock run busybox absent", 127, ""),
      ("drydock run --rm --restart always busybox", 125, "--restart and --rm"),
      ("drydock run -d --name chatty busybox sh -c 'for i in 1 2 3 4; do echo $i; done'", 0, ""),
      ("drydock wait chatty", 0, "0"), ("drydock logs --tail 3 chatty", 0, "2\n3\n4\n"),
      ("drydock logs -t chatty", 0, "Z 1"),
      ("drydock start chatty; drydock rm -f -v chatty", 0, ""),
      ("drydock rm $(drydock ps -qf status=exited)", 0, ""),
      ("drydock rm -f $(drydock ps -aq)", 0, ""), ("drydock ps -aq | wc -l", 0, "0"),
    ])
  }

  @Test("Limits: what is given, what is refused, and what dies of it")
  func limits() throws {
    let cpus = try File.text("/sys/devices/system/cpu/online").trimmed
    let count = cpus.split(separator: "-").last.flatMap { Int($0) }.map { $0 + 1 } ?? 1
    let isV2 = try CgroupLayout.detect().mode == .v2
    func file(_ v1: String, _ v2: String) -> String { "/sys/fs/cgroup/" + (isV2 ? v2 : v1) }
    try type([
      (
        "drydock run --rm busybox cat \(file("cpu/cpu.shares", "cpu.weight"))", 0,
        isV2 ? "100" : "1024"
      ),
      (
        "drydock run --rm -c 512 busybox cat \(file("cpu/cpu.shares", "cpu.weight"))", 0,
        isV2 ? "59" : "512"
      ),
      (
        "drydock run --rm --cpus 1 busybox cat \(file("cpu/cpu.cfs_quota_us", "cpu.max"))", 0,
        "100000"
      ),
      (
        "drydock run --rm --cpus \(count + 1) busybox", 125,
        "Range of CPUs is from 0.01 to \(count).00, as there are only \(count) CPUs available"
      ),
      ("drydock run --rm --cpuset-cpus=0 busybox grep Cpus_allowed_list /proc/self/status", 0, "0"),
      ("drydock run --rm -m 4m busybox", 125, "Minimum memory limit allowed is 6MB"),
      ("drydock run --rm -m 6m busybox echo fits", 0, "fits"),
      // Without -it too.
      ("drydock run -d --name quiet busybox sleep 100 && drydock rm -f quiet", 0, "quiet"),
    ])
    guard Drydock.hasStress else { return }
    try type([
      ("drydock run --rm stress --cpu 4 --timeout 1s", 0, "successful run completed"),
      (
        "drydock run --rm -m 64m stress --vm 1 --vm-bytes 150M --vm-hang 0 --timeout 5s", 1,
        "got signal 9"
      ),
    ])
    // 64 MiB within 64 MiB has room only where there is swap: this closes it.
    try type([
      ("drydock run --rm -m 64m stress --vm 1 --vm-bytes 48M --timeout 1s", 0, "successful run"),
      ("drydock run --rm -m 64m stress --vm 1 --vm-bytes 64M --timeout 5s", 1, "got signal 9"),
    ])
  }
}
