import ArgumentParser
import Engine
import LabKit
import Linux
import Measure
import XRay

/// `drydock xray`.
struct ShowXRay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "xray",
    abstract: "Show what a container is made of, read from the kernel now.",
    discussion: """
      The container may be drydock's, podman's or Docker's, by its name or id; or any process, by \
      its pid. Each section names the files it was read from, and what could not be read.
      """)

  @ParentCommand var drydock: Drydock

  @Option(
    help: ArgumentHelp(
      "Write a page with a drawing instead; - for standard output.", valueName: "file"))
  var html: String?

  @Flag(help: "As JSON.")
  var json = false

  @Option(help: "en or zh.")
  var lang: String?

  @Argument(help: ArgumentHelp("A name, an id, or a pid.", valueName: "container"))
  var container: String

  func run() throws {
    let language = try self.language()
    let xray: Picture
    do {
      xray = try look()
    } catch let error as XRayError {
      throw EngineError(error.message, hint: error.hint, exitCode: 1)
    }
    if json { try put(xray.json()) }
    if let html {
      let page = HTMLPage(language: language).html(xray)
      if html == "-" { try put(page) } else { try write(page, to: html) }
    }
    if !json && html == nil {
      let screen = Screen(
        output: 1, language: language, environment: ShowXRay.environment, quiet: false)
      let page = TerminalPage(
        language: language, width: screen.width, isPlain: !screen.isColoured)
      try put(page.text(xray))
    }
  }

  /// Our own containers first, then a pid, then other engines'.
  private func look() throws -> Picture {
    if let info = try known() {
      guard let pid = info.status.pid else {
        throw EngineError(
          "Container \(info.name) is not running",
          hint: "Of a container that has ended the kernel keeps nothing; see `drydock ps -a`.",
          exitCode: 1)
      }
      return try Picture(pid: pid, name: info.name)
    }
    if let pid = Int32(container), pid > 0, File.exists("/proc/\(pid)") {
      return try Picture(pid: pid)
    }
    return try Picture(pid: try Finding.pid(of: container), name: container)
  }

  /// What the engine has under this name.
  ///
  /// Who may not read its records can still look at a process.
  private func known() throws -> ContainerInfo? {
    guard Int32(container) != nil else { return try drydock.engine().container(container) }
    do {
      return try drydock.engine().container(container)
    } catch {
      return nil
    }
  }

  private func language() throws -> Language {
    guard let lang else {
      let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap {
        ShowXRay.environment[$0]
      }.first { !$0.isEmpty }
      return Language(locale: locale ?? "")
    }
    guard let language = Language(rawValue: lang) else {
      throw EngineError("no such language: \(lang)", hint: "There are en and zh.")
    }
    return language
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

  private func put(_ text: String) throws {
    do throws(SystemError) {
      try File.write(1, text.utf8, name: "standard output")
    } catch {
      // `drydock xray … | head`: who has read enough is no failure.
      guard error.errno.name != "EPIPE" else { return }
      throw EngineError(error.text, exitCode: 1)
    }
  }

  private func write(_ page: String, to path: String) throws {
    do throws(SystemError) {
      try File.replace(path, with: page.utf8)
    } catch {
      throw EngineError(error.text, hint: "Name a file in a directory that exists.", exitCode: 1)
    }
  }
}
