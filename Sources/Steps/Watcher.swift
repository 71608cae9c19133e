internal import Linux

/// The languages of explanations.
public enum ExplainLanguage: String, Sendable {
  case en, zh

  /// From `--lang`, or from a locale such as `zh_CN.UTF-8`; English for anything else.
  public init(locale: String) { self = locale.hasPrefix("zh") ? .zh : .en }
}

/// The runtime's observer: explains, waits, traces and plants faults, for its own steps and for
/// those that init reports.
public final class Watcher: StepObserver {
  /// What is asked for.
  public struct Options: Sendable {
    /// `--explain`.
    public var explain = false
    /// `--step`.
    public var step = false
    /// `--trace FILE`.
    public var trace: String?
    /// `--fault`, repeated.
    public var faults: [Fault] = []
    /// `--lang`.
    public var language = ExplainLanguage.en
    /// Whether explanations are coloured.
    public var colour = false

    /// Nothing asked for.
    public init() {}

    /// Whether anybody watches at all.
    public var isNeeded: Bool { explain || step || trace != nil || !faults.isEmpty }

    /// Whether each step must wait until it was shown.
    public var waits: Bool { explain || step }
  }

  /// What is asked for.
  public let options: Options
  /// Finished steps of both processes, in the order of their end; kept only for a trace.
  public private(set) var records: [StepRecord] = []
  /// Init's pid as the host sees it, once it exists: init's own `/proc/self` means this.
  public var initPID: Int32 = 0

  private var faults: Faults
  private var pending: StepRecord?
  private var count = 0
  private var terminal: Int32 = -1
  /// Whether the learner said stop: from then on nothing is asked.
  private var isStopped = false

  /// Watches as told.
  public init(_ options: Options) {
    self.options = options
    faults = Faults(options.faults)
  }

  /// A step of this process begins.
  public func before(_ step: StepRecord, _ operation: borrowing Operation) -> Disposition {
    let planted = faults.next(step.id)
    guard planted == .proceed else { return planted }
    return show(step) ? .proceed : .fail(Errno(125))
  }

  /// A step of this process ended.
  public func after(_ step: StepRecord) { finish(step) }

  /// A message from init: a step of its own begins.
  ///
  /// Answers whether it may.
  public func begins(_ step: StepRecord) -> Bool {
    let step = resolved(step)
    pending = step
    return show(step)
  }

  /// A message from init: a step of its own ended.
  public func ended(_ step: StepRecord) {
    pending = nil
    finish(resolved(step))
  }

  /// Init is gone from the channel: if its last word was execve(2), that succeeded.
  public func closed() {
    guard var step = pending, step.id == .processExec else { return }
    pending = nil
    step.duration = Clock.now - step.start
    finish(step)
  }

  private func resolved(_ step: StepRecord) -> StepRecord {
    var step = step
    if step.see.hasPrefix("/proc/self/"), initPID > 0 {
      step.see = "/proc/\(initPID)/" + step.see.dropFirst(11)
    }
    return step
  }

  private func finish(_ step: StepRecord) {
    if options.trace != nil { records.append(step) }
    guard options.waits else { return }
    var lines = ""
    if let errno = step.errno {
      lines = label("failed", "失败") + "\(errno.message) (\(errno.name))\n"
    } else if !step.see.isEmpty {
      // What was made has a number of its own only afterwards.
      if step.id == .processClone { lines = label("see", "查看") + step.see + "\n" }
      lines += evidence(step, label("after", "之后"))
    }
    Watcher.print(lines + "\n")
  }

  /// Prints a step that begins and, in step mode, waits for the learner.
  private func show(_ step: StepRecord) -> Bool {
    guard options.waits else { return true }
    count += 1
    let info = step.id.info
    let chinese = options.language == .zh
    var text = "\(bold(String(count) + "  " + step.id.rawValue))  \(info.phase.rawValue)"
    text += step.side == .`init` ? ", init\n" : "\n"
    text += "   " + "\(chinese ? info.chinese : info.english)" + "\n"
    if let shell = step.shell {
      text += label("shell", "命令") + shell + "\n"
    } else {
      text += label("object", "对象") + step.object + "\n"
      text +=
        label("shell", "命令")
        + (chinese ? "（没有对应的命令，由运行时自己调用）" : "(no command: the runtime does it itself)") + "\n"
    }
    text += label("call", "调用") + step.call + "   man \(info.man)\n"
    if !step.see.isEmpty {
      let lines = step.needle.isEmpty ? "" : "  [\(step.needle.trimmed)]"
      text += label("see", "查看") + step.see + lines + "\n"
      text += evidence(step, label("before", "之前"))
    }
    Watcher.print(text)
    guard options.step else { return true }
    if !isStopped { isStopped = !wait() }
    // What was made must be undone after a stop too.
    return !isStopped || info.phase == .teardown
  }

  private func wait() -> Bool {
    if terminal < 0 {
      do {
        terminal = try File.open("/dev/tty", .readWrite).release()
      } catch {
        Watcher.print("drydock-runtime: --step needs a terminal: \(error.text)\n")
        return false
      }
    }
    let chinese = options.language == .zh
    Watcher.print(chinese ? "   [回车] 下一步  [q] 停止 " : "   [Enter] next  [q] stop ")
    do {
      var line = [UInt8]()
      while true {
        guard let byte = try File.readByte(terminal) else { return false }
        if byte == 10 || byte == 13 { break }
        line.append(byte)
      }
      return line.first != UInt8(ascii: "q")
    } catch {
      Watcher.print("drydock-runtime: \(error.text)\n")
      return false
    }
  }

  /// What the kernel shows now.
  private func evidence(_ step: StepRecord, _ label: String) -> String {
    let lines = Watcher.look(step.see, step.needle, options.language)
    return label + lines.joined(separator: "\n            ") + "\n"
  }

  /// Up to three lines of what a path shows now.
  static func look(
    _ path: String, _ needle: String, _ language: ExplainLanguage
  ) -> [String] {
    do {
      let status = try File.status(path, follow: false)
      if status.isLink { return [try File.link(path)] }
      let followed = try File.status(path)
      if followed.isDirectory {
        let names = try File.list(path)
        if language == .zh { return ["\(names.count) 个条目"] }
        return ["\(names.count) " + (names.count == 1 ? "entry" : "entries")]
      }
      if !followed.isRegular {
        return ["device \(followed.node.major):\(followed.node.minor)"]
      }
      let lines = try File.text(path, limit: 1 << 20).split(separator: "\n")
      let matching = lines.filter { needle.isEmpty || $0.contains(needle) }
      return matching.isEmpty
        ? [language == .zh ? "（无）" : "(nothing)"]
        : (needle.isEmpty ? matching.prefix(2) : matching.suffix(3)).map { String($0.prefix(160)) }
    } catch {
      return ["(\(error.errno.message))"]
    }
  }

  private func label(_ english: String, _ chinese: String) -> String {
    let word = options.language == .zh ? chinese : english
    let width = options.language == .zh ? chinese.count * 2 : english.count
    return "   " + dim(word) + String(repeating: " ", count: max(1, 9 - width))
  }

  private func bold(_ text: String) -> String {
    options.colour ? "\u{1b}[1m\(text)\u{1b}[0m" : text
  }
  private func dim(_ text: String) -> String { options.colour ? "\u{1b}[2m\(text)\u{1b}[0m" : text }

  private static func print(_ text: String) { File.report(text) }
}

extension String {
  fileprivate var trimmed: String {
    var view = self[...]
    while view.first == " " { view.removeFirst() }
    while view.last == " " { view.removeLast() }
    return String(view)
  }
}
