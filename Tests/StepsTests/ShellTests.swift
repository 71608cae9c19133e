import Linux
import Testing

@testable import Steps

/// What a shell prints for a command line.
private func output(of command: String) throws -> [UInt8] {
  let result = try Child.run("/bin/sh", ["sh", "-c", command])
  #expect(result.status == .exited(0), "\(String(decoding: result.error, as: UTF8.self))")
  return result.output
}

/// The equivalent commands: right, and harmless whatever a config.json puts into them.
@Suite struct ShellTests {
  static let hostile = [
    "", " ", "a b", "$(touch /tmp/owned)", "`id`", "a;reboot", "a\nb", "'", "''", "'; id #",
    "\\", "\"", "*", "~", "!x", "|&<>()", "-rf", "名字", "a'b\"c$d`e\\f",
  ]

  @Test(arguments: hostile)
  func aQuotedWordIsOneWordToTheShell(word: String) throws {
    #expect(try output(of: "printf %s " + quoted(word)) == Array(word.utf8))
    #expect(try output(of: "set -- \(quoted(word)) end; printf %s $#") == Array("2".utf8))
  }

  @Test func plainWordsStayPlain() {
    for word in ["/sys/fs/cgroup/cpu,cpuacct/a", "a=b", "-o", "1.5", "x@y:z+%"] {
      #expect(quoted(word) == word)
    }
  }

  /// Every operation whose values come from a configuration, with values that want out.
  @Test func noOperationLetsAValueOut() throws {
    let evil = "x'; echo OWNED; '$(echo OWNED)`echo OWNED`"
    let place = RootPlace(root: -1, rootPath: "/r", path: "/" + evil)
    let call = MountCall(evil, on: "/" + evil, type: evil, .noSUID, data: evil)
    let operations: [Operation] = [
      .makeDirectory(evil), .removeDirectory(evil), .removeTree(evil), .write("/tmp/" + evil, evil),
      .mount(call), .mountBeneath(place, directory: true, call),
      .mountBeneath(place, directory: false, MountCall(evil, on: "/" + evil, .bind)),
      .mount(MountCall(nil, on: evil, [.slave, .recursive])),
      .mount(MountCall(nil, on: evil, [.bind, .remount, .readOnly])),
      .join(3, .network, path: evil), .pivotRoot(3, path: evil), .detach(evil),
      .makeNode(place, DeviceSpec(type: "c", major: 1, minor: 3, mode: 0o666)),
      .symlink(place, target: evil), .hostName(evil), .domainName(evil), .linkUp(evil),
      .changeDirectory(evil), .exec(path: evil, arguments: [evil, evil], environment: [evil]),
    ]
    for operation in operations {
      let shell = try #require(operation.shell)
      // Not run: its words are listed, with expansions but without the command.
      let words = try output(of: "set -f; printf '%s\\n' " + masked(shell))
      #expect(!String(decoding: words, as: UTF8.self).contains("\nOWNED"), "\(shell)")
    }
  }

  /// Operators of the printed command itself, outside quotes, become words.
  private func masked(_ shell: String) -> String {
    var result = ""
    var inside = false
    for character in shell {
      if character == "'" { inside.toggle() }
      result += !inside && (character == "&" || character == ">") ? "x" : String(character)
    }
    return result
  }

  @Test func mountCommands() {
    #expect(
      Operation.mount(
        MountCall("proc", on: "/r/proc", type: "proc", [.noSUID, .noExec], data: "hidepid=2")
      ).shell == "mount -t proc -o nosuid,noexec,hidepid=2 proc /r/proc")
    #expect(
      Operation.mount(MountCall("/a", on: "/b", [.bind, .recursive])).shell == "mount --rbind /a /b"
    )
    #expect(
      Operation.mount(MountCall(nil, on: "/", [.slave, .recursive])).shell
        == "mount --make-rslave /")
    #expect(
      Operation.mount(MountCall(nil, on: "/b", [.bind, .remount, .readOnly])).shell
        == "mount -o remount,bind,ro /b")
  }

  @Test func otherCommands() {
    let place = RootPlace(root: 3, rootPath: "/r", path: "/dev/null")
    let node = DeviceSpec(type: "c", major: 1, minor: 3, mode: 0o666)
    #expect(Operation.makeNode(place, node).shell == "mknod -m 0666 /r/dev/null c 1 3")
    #expect(
      Operation.symlink(place, target: "/proc/self/fd").shell == "ln -s /proc/self/fd /r/dev/null")
    #expect(Operation.write("/sys/x", "100\n").shell == "echo 100 > /sys/x")
    #expect(
      Operation.writeEach("/sys/x", ["c 1:3 rwm", "a"]).shell
        == "for v in 'c 1:3 rwm' a; do echo \"$v\" > /sys/x; done")
    #expect(
      Operation.clone([.mount, .uts, .pid], cgroup: -1).shell
        == "unshare --mount --uts --pid --fork sh")
    #expect(
      Operation.join(5, .network, path: "/proc/1/ns/net").shell
        == "nsenter --net=/proc/1/ns/net sh")
    #expect(Operation.kill(7, signal: 9).shell == "kill -9 7")
    #expect(Operation.hostName("web").shell == "hostname web")
    #expect(Operation.newSession.shell == nil)
  }

  @Test func placesAreShownAsTheHostNamesThem() {
    func shown(_ path: String) -> String {
      RootPlace(root: 3, rootPath: "/r", path: path).shown
    }
    #expect(shown("/") == "/r")
    #expect(shown("") == "/r")
    #expect(shown("/dev") == "/r/dev")
    #expect(shown("dev") == "/r/dev")
  }

  @Test func evidenceNamesWhatChanges() {
    #expect(Operation.hostName("x").evidence.see == "/proc/sys/kernel/hostname")
    #expect(Operation.join(1, .network, path: "p").evidence.see == "/proc/self/ns/net")
    #expect(Operation.mount(MountCall("a", on: "/b", .bind)).evidence.needle == " /b ")
    #expect(Operation.described(call: "open(2)", object: "x", shell: nil).evidence.see.isEmpty)
  }
}
