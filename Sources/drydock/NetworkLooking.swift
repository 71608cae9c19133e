import ArgumentParser
import Engine
import LabKit
import Linux
import Measure
import Networks
import Report
import Topology

/// What `network draw` and `network trace` share: reading, names, and how a page is shown.
enum NetworkLooking {
  /// Every namespace, with the engine's containers by their names.
  static func read(_ drydock: Drydock) throws -> LiveNetwork {
    let names = try containers(drydock)
    do throws(SystemError) {
      return try LiveNetwork.read { names[$0] }
    } catch {
      throw EngineError(error.text, hint: "Try it as root.", exitCode: 1)
    }
  }

  /// Containers that run, by the pid of their first process.
  ///
  /// Who may not read the engine's records can still look at the kernel.
  private static func containers(_ drydock: Drydock) throws -> [Int32: String] {
    var names = [Int32: String]()
    guard let list = try? drydock.engine().containers() else { return names }
    for container in list {
      if let pid = container.status.pid { names[pid] = container.name }
    }
    return names
  }

  /// The rules of a namespace as JSON: by drydock-rules beside this program, else by nft(8).
  static func rules(_ place: OpenNamespace) throws(SystemError) -> Ruleset? {
    // Without /proc nothing could have been read before.
    let ours = (try? RulesCommand.find().path) ?? "drydock-rules"
    let programs: [(String, [String])] = [
      (ours, ["drydock-rules", "list"]),
      ("/usr/sbin/nft", ["nft", "-j", "list", "ruleset"]),
      ("/sbin/nft", ["nft", "-j", "list", "ruleset"]),
    ]
    guard let (path, words) = programs.first(where: { File.exists($0.0) }) else { return nil }
    let result = try place.visit { () throws(SystemError) in try Child.run(path, words) }
    guard result.status.code == 0 else {
      throw SystemError(
        "nft -j list ruleset", Errno(5),
        String(decoding: result.error, as: UTF8.self).trimmedLine)
    }
    // A kernel without nf_tables prints nothing.
    guard !result.output.isEmpty else { return Ruleset() }
    do throws(DocumentError) {
      return try Ruleset(parsing: result.output)
    } catch {
      throw SystemError("nft -j list ruleset", Errno(74), error.text)  // EBADMSG
    }
  }

  /// The page that fits standard output.
  static func paper(_ language: Language) -> Paper {
    let screen = Screen(output: 1, language: language, environment: environment, quiet: false)
    let locale = locale
    let upper = locale.uppercased()
    let isUTF8 = upper.contains("UTF-8") || upper.contains("UTF8")
    // Without any locale a pipe gets what every other command prints.
    let isASCII =
      environment["TERM"] == "dumb" || !(environment["NO_COLOR"] ?? "").isEmpty
      || !locale.isEmpty && !isUTF8
    return Paper(
      language: language, width: screen.width, isColoured: screen.isColoured, isASCII: isASCII)
  }

  /// `--lang`, else the locale's.
  static func language(_ lang: String?) throws -> Language {
    guard let lang else { return Language(locale: locale) }
    guard let language = Language(rawValue: lang) else {
      throw EngineError("no such language: \(lang)", hint: "There are en and zh.")
    }
    return language
  }

  private static var locale: String {
    ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty } ?? ""
  }

  private static var environment: [String: String] {
    Dictionary(
      Processes.environment.compactMap { entry in
        entry.firstIndex(of: "=").map {
          (String(entry[..<$0]), String(entry[entry.index(after: $0)...]))
        }
      }
    ) { first, _ in first }
  }

  /// Writes to standard output; `… | head` is no failure.
  static func put(_ text: String) throws {
    do throws(SystemError) {
      try File.write(1, text.utf8, name: "standard output")
    } catch {
      guard error.errno.name != "EPIPE" else { return }
      throw EngineError(error.text, exitCode: 1)
    }
  }
}
