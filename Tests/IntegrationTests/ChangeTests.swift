import Linux
import State
import Testing

/// Death and failure beside every commit of the state (State/Change.swift), and several commands at
/// once with death among them.
@Suite(.enabled(if: Drydock.isReady, "needs root and the executables"))
struct ChangeTests {
  private let drydock: Drydock

  init() throws {
    drydock = try Drydock()
    let files = drydock.scratch + "/files"
    try File.makeDirectories(files + "/bin")
    try #require(run(["/bin/cp", "/bin/busybox", files + "/bin/busybox"]).code == 0)
    for name in ["sh", "true"] { try File.makeLink("\(files)/bin/\(name)", to: "busybox") }
    try #require(run(["/bin/tar", "-C", files, "-cf", archive, "."]).code == 0)
    try succeed("import", archive, "base:1")
  }

  private var archive: String { drydock.scratch + "/files.tar" }

  @discardableResult
  private func succeed(_ words: String...) throws -> String { try succeed(words) }

  @discardableResult
  private func succeed(_ words: [String]) throws -> String {
    let result = try drydock.run(words)
    try #require(result.code == 0, "\(words): \(result)")
    return result.output.trimmed
  }

  /// A command that makes a change, and what is seen of it; `%` is a number of its own.
  private struct Story {
    let command: String
    /// What must be there for the command.
    var needs = ""
    /// Shows the change.
    let look: String
    /// What that shows when the change was not made, and when it was.
    let seen: (before: String, after: String)
    /// Whether the command makes links and rules, which stay in a network namespace of its own.
    var makesLinks = false
  }

  private static let containers = "ps -a --format {{.Names}} -f name=%"

  /// One a change, which the compiler demands.
  private func story(of change: Change) -> Story {
    let look = ChangeTests.containers
    let needsOld = "create --name old% base:1 true"
    func images(_ name: String) -> String { "images --format {{.Repository}} -f reference=\(name)" }
    func networks(_ name: String) -> String { "network ls --format {{.Name}} -f name=\(name)" }
    let connected = "ps -a --format {{.Networks}} -f name=old%"
    let volume = "volume inspect -f {{.Name}} old%"
    return switch change {
    case .containerAdd:
      Story(command: "create --name new% base:1 true", look: look, seen: ("", "new%"))
    case .containerUpdate:
      Story(
        command: "update --restart always old%", needs: needsOld,
        look: "inspect -f {{.HostConfig.RestartPolicy.Name}} old%", seen: ("no", "always"))
    case .containerRename:
      Story(
        command: "rename old% other%", needs: needsOld, look: look, seen: ("old%", "other%"))
    case .containerForget:
      // Its files go first; the next command finishes it.
      Story(command: "rm old%", needs: needsOld, look: look, seen: ("", ""))
    case .imageAdd:
      Story(command: "import \(archive) new%:1", look: images("new%"), seen: ("", "new%"))
    case .imageTag: Story(command: "tag base:1 new%:1", look: images("new%"), seen: ("", "new%"))
    case .imageRemove:
      Story(
        command: "rmi old%:1", needs: "tag base:1 old%:1", look: images("old%"),
        seen: ("old%", ""))
    case .imageNote:
      // The image is there already: it would only be made again.
      Story(
        command: "run --rm busybox true", needs: "images", look: images("busybox"),
        seen: ("busybox", "busybox"))
    case .volumeAdd:
      Story(command: "volume create old%", look: volume, seen: ("", "old%"))
    case .volumeHide:
      Story(
        command: "volume rm old%", needs: "volume create old%", look: volume, seen: ("old%", ""))
    case .volumeForget:
      Story(command: "volume rm old%", needs: "volume create old%", look: volume, seen: ("", ""))
    case .networkAdd:
      Story(
        command: "network create new%", needs: "network ls", look: networks("new%"),
        seen: ("", "new%"), makesLinks: true)
    case .networkForget:
      Story(
        command: "network rm old%", needs: "network create old%", look: networks("old%"),
        seen: ("old%", ""), makesLinks: true)
    case .endpointAdd:
      Story(
        command: "network connect bridge old%", needs: needsOld, look: connected,
        seen: ("none", "bridge"), makesLinks: true)
    case .endpointRemove:
      Story(
        command: "network disconnect bridge old%",
        needs: "create --name old% --network bridge base:1 true",
        look: connected, seen: ("bridge", "none"), makesLinks: true)
    }
  }

  @Test(arguments: Change.allCases) func besideEveryCommit(_ change: Change) throws {
    let story = story(of: change)
    let isSoak = Processes.environment.contains("DRYDOCK_SOAK=1")
    let faults = ["before:kill", "after:kill"] + (isSoak ? ["before:ENOSPC"] : [])
    for (number, fault) in faults.enumerated() {
      func filled(_ text: String) -> String {
        String(text.flatMap { $0 == "%" ? "\(number)" : String($0) })
      }
      func words(_ text: String) -> [String] {
        filled(text).split(separator: " ").map { String($0) }
      }
      /// What is seen now; one thing that is not there is nothing.
      func seen() throws -> String { try drydock.run(words(story.look)).output.trimmed }
      // A built-in image is noted once only.
      if change == .imageNote { _ = try drydock.run(["rmi", "busybox"]) }
      func typed(_ text: String, _ environment: [String] = []) throws -> Child.Result {
        let drydock = [drydock.binaries + "/drydock"] + drydock.roots + words(text)
        let line = (story.makesLinks ? ["/usr/bin/unshare", "--net"] : []) + drydock
        return try Child.run(line[0], line, environment: Processes.environment + environment)
      }
      if !story.needs.isEmpty {
        let result = try typed(story.needs)
        try #require(result.status.code == 0, "\(story.needs): \(result.errorText)")
      }
      let what = "\(change.rawValue).\(fault)"
      let faulty = try typed(story.command, ["DRYDOCK_FAULT=\(what)"])
      #expect(faulty.status.code != 0, "\(what) was not reached")
      let expected = fault.hasPrefix("before") ? story.seen.before : story.seen.after
      #expect(try seen() == filled(expected), "\(what)")
      // Done already, or now: in the end it is done.
      _ = try typed(story.command)
      #expect(try seen() == filled(story.seen.after), "\(what)")
      #expect(try drydock.run(["doctor"]).code == 0, "\(what)")
    }
    try expectSound(change.rawValue)
  }

  /// What is there works, and nothing else is.
  private func expectSound(_ what: String) throws {
    let cure = try drydock.run(["doctor"])
    #expect(cure.code == 0, "\(what): \(cure)")
    #expect(try succeed("doctor") == "Nothing was left behind.", "\(what)")
    for image in Set(try succeed("images", "-q").lines) {
      #expect(try drydock.run(["run", "--rm", image, "true"]).code == 0, "\(what): \(image)")
    }
    #expect(try StateDatabase(root: drydock.scratch + "/root").faults() == [], "\(what)")
  }

  /// Those that are not killed notice nothing, and what they have said is so.
  @Test func oneOfSeveralIsKilled() throws {
    var random = SplitMix(state: 5)
    for round in 0..<4 {
      let commands: [(words: String, list: String, promise: String)] = [
        ("import \(archive) i\(round):1", "images --format {{.Repository}}", "i\(round)"),
        ("tag base:1 t\(round):1", "images --format {{.Repository}}", "t\(round)"),
        ("create --name c\(round) base:1 true", "ps -a --format {{.Names}}", "c\(round)"),
        ("volume create v\(round)", "volume ls -q", "v\(round)"),
        ("run --rm base:1 true", "ps -a", ""), ("image prune -f", "ps -a", ""),
      ]
      let victim = Int.random(in: 0..<commands.count, using: &random)
      let pause = UInt64.random(in: 0...20_000_000, using: &random)
      let children = try commands.map { try Commanded(drydock, $0.words) }
      Clock.sleep(pause)
      try children[victim].kill()
      for (index, child) in children.enumerated() {
        let code = try child.code()
        let command = commands[index]
        #expect(index == victim || code == 0, "round \(round): \(command.words)")
        guard code == 0, !command.promise.isEmpty else { continue }
        #expect(
          try succeed(command.list.split(separator: " ").map { String($0) }).lines.contains(
            command.promise),
          "round \(round): \(command.words)")
      }
    }
    try expectSound("after all")
  }
}

/// A child that can be kept in an array.
private final class Commanded {
  private var child: Child?

  init(_ drydock: Drydock, _ words: String) throws {
    child = try drydock.start(words.split(separator: " ").map { String($0) })
  }

  func kill() throws { try child?.signal(Signal.kill) }

  func code() throws -> Int32 {
    guard let child = child.take() else { return -1 }
    return try child.wait().code
  }
}

extension Child.Result {
  /// What was written to standard error.
  fileprivate var errorText: String { String(decoding: error, as: UTF8.self) }
}
