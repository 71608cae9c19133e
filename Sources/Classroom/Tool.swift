internal import Linux

/// A program of the host that is called: mke2fs(8), qemu-img(1) and their like.
struct Tool {
  /// What people type.
  let name: String
  /// Where it is.
  let path: String

  private static let folders = [
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
  ]

  /// Finds a program.
  ///
  /// - Parameters:
  ///   - name: as people type it.
  ///   - package: Debian's package that has it.
  /// - Throws: `ClassroomError` with the package.
  init(_ name: String, package: String) throws(ClassroomError) {
    guard let path = Tool.folders.map({ "\($0)/\(name)" }).first(where: { File.exists($0) }) else {
      throw ClassroomError(
        "\(name) is not installed", hint: "apt-get install --no-install-recommends \(package)")
    }
    self.name = name
    self.path = path
  }

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - arguments: behind its name.
  ///   - environment: more of it, `NAME=value`.
  ///   - input: what it reads.
  /// - Returns: what it wrote to descriptor 1.
  /// - Throws: `ClassroomError` with the last lines that it wrote to descriptor 2.
  @discardableResult
  func callAsFunction(
    _ arguments: [String], environment: [String] = [], input: [UInt8]? = nil
  ) throws(ClassroomError) -> String {
    let result = try ClassroomError.told { () throws(SystemError) in
      try Child.run(
        path, [name] + arguments, environment: environment + Processes.environment, input: input)
    }
    guard result.status == .exited(0) else {
      let last = String(decoding: result.error, as: UTF8.self).split(separator: "\n").suffix(4)
      throw ClassroomError(
        "\(name) \(arguments.joined(separator: " ")): exit code \(result.status.code)",
        hint: last.joined(separator: "\n  "))
    }
    return String(decoding: result.output, as: UTF8.self)
  }
}
