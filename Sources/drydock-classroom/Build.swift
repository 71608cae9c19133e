public import ArgumentParser
public import Classroom
import Linux

/// `drydock classroom build`.
struct Build: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Makes the image that all machines of a class start from.",
    discussion: """
      A Debian system with this drydock, its labs and all they need; the network is asked once, now. The \
      same packages and programs give the same digests.
      """)

  @Option(help: "lab, peers (podman and Docker beside it) or workshop (a C compiler too).")
  var variant = Recipe.Variant.peers

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the image goes.", valueName: "directory"))
  var out = "/var/lib/drydock-classroom/image"

  @Option(
    help: ArgumentHelp(
      "Where packages come from, such as one day of snapshot.debian.org.", valueName: "url"))
  var mirror: String?

  @Option(help: ArgumentHelp("The root.tar of an earlier build: no network.", valueName: "file"))
  var root: String?

  func run() throws {
    let begin = Clock.now
    let binaries = try Self.binaries()
    do throws(ClassroomError) {
      let build = ImageBuild(
        Recipe(variant), binaries: binaries, out: out, mirror: mirror, root: root
      ) { File.report("==> \($0)\n") }
      let manifest = try build.run()
      let seconds = (Clock.now - begin) / 1_000_000_000
      print("\(out)/drydock.qcow2  \(manifest.digests["drydock.qcow2"] ?? "")  \(seconds) s")
    } catch { throw Complaint(error.text) }
  }

  /// Where this project's programs are: beside this one.
  static func binaries() throws -> String {
    let path = try File.link("/proc/self/exe")
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }
}

extension Recipe.Variant: ExpressibleByArgument {}

/// An error as people see it: its text, nothing else.
struct Complaint: Error, CustomStringConvertible {
  let description: String
  init(_ text: String) { description = text }
}
