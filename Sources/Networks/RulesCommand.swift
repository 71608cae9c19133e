public import Linux
internal import OCI

/// Rules that could not be made or read.
public struct RulesError: Error, Equatable, Sendable {
  /// What happened.
  public let text: String
  /// The likely cause or what to try; empty when there is nothing useful to say.
  public let hint: String
  /// The table, or what should be in it, is not there (ENOENT).
  public let isMissing: Bool
  /// What was to be made anew is there (EEXIST).
  public let isTaken: Bool

  /// Makes an error.
  public init(
    _ text: String, hint: String = "", isMissing: Bool = false, isTaken: Bool = false
  ) {
    self.text = text
    self.hint = hint
    self.isMissing = isMissing
    self.isTaken = isTaken
  }
}

/// drydock-rules, which is linked with libnftables, as a child of a program that cannot be.
public struct RulesCommand: Sendable {
  /// The program.
  public let path: String

  /// A program by its path.
  public init(path: String) { self.path = path }

  /// The program that `DRYDOCK_RULES` says, else the one beside the running executable.
  ///
  /// - Throws: `RulesError` when it is not known where this program is.
  public static func find(
    environment: [String] = Processes.environment
  ) throws(RulesError) -> RulesCommand {
    let variable = "DRYDOCK_RULES="
    if let entry = environment.first(where: { $0.hasPrefix(variable) }), entry != variable {
      return RulesCommand(path: String(entry.dropFirst(variable.count)))
    }
    do throws(SystemError) {
      let own = try File.link("/proc/self/exe")
      guard let slash = own.lastIndex(of: "/") else { return RulesCommand(path: "drydock-rules") }
      return RulesCommand(path: own[...slash] + "drydock-rules")
    } catch {
      throw RulesError("looking for drydock-rules: \(error.text)", hint: "Is /proc mounted?")
    }
  }

  /// Does all of a script, or nothing.
  ///
  /// - Throws: `RulesError` with the kernel's or the parser's words.
  public func apply(_ script: String) throws(RulesError) {
    if script.isEmpty { return }
    _ = try run(["apply"], input: script)
  }

  /// Does a script that removes: what it names in a table that is gone has gone with it.
  ///
  /// - Throws: `RulesError` when the kernel refuses for another reason.
  public func remove(_ script: String) throws(RulesError) {
    do throws(RulesError) { try apply(script) } catch  where error.isMissing {}
  }

  /// What is in a table; nil when it is not there.
  ///
  /// - Throws: `RulesError` when it cannot be read.
  public func list(_ table: RuleTable) throws(RulesError) -> RuleListing? {
    let json: [UInt8]
    do throws(RulesError) {
      json = try run(["list", table.name], input: "")
    } catch  where error.isMissing {
      return nil
    }
    return try RuleListing(json: json, of: table)
  }

  /// Chains of others that drop what is forwarded, and no rule of ours can help it.
  ///
  /// - Parameter own: our table.
  /// - Returns: none where nobody does.
  /// - Throws: `RulesError` when the chains cannot be read.
  public func droppers(but own: RuleTable) throws(RulesError) -> [ForeignChain] {
    let json = try run(["chains"], input: "")
    do throws(ConfigError) { return try ForeignChain.droppers(in: json, but: own) } catch {
      throw RulesError("the list of chains: \(error.text)")
    }
  }

  private func run(_ arguments: [String], input: String) throws(RulesError) -> [UInt8] {
    let result: Child.Result
    do throws(SystemError) {
      result = try Child.run(path, ["drydock-rules"] + arguments, input: Array(input.utf8))
    } catch {
      throw RulesError(
        "running \(path): \(error.text)",
        hint: error.errno == .noEntry
          ? "drydock-rules belongs beside this program, or where DRYDOCK_RULES says." : "")
    }
    if result.status == .exited(0) { return result.output }
    throw RulesCommand.error(result, path)
  }

  private static func error(_ result: Child.Result, _ path: String) -> RulesError {
    let said = String(decoding: result.error, as: UTF8.self).trimmedLine
    if case .signalled(let signal) = result.status {
      return RulesError("\(path) was ended by \(Signal.name(signal)) \(said)")
    }
    let hint =
      said.contains("Operation not permitted")
      ? "Rules need CAP_NET_ADMIN in the network namespace: try again as root."
      : said.contains("not supported")
        ? "This kernel lacks a part of nf_tables: CONFIG_NF_TABLES_INET, NFT_NAT, NFT_FIB_INET."
        : ""
    return RulesError(
      said.isEmpty ? "\(path) exited with \(result.status.code)" : said, hint: hint,
      isMissing: said.contains("No such file or directory"), isTaken: said.contains("File exists"))
  }
}
