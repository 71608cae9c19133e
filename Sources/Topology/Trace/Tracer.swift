package import Linux
internal import Measure
internal import Report

/// Follows one packet through a map.
package final class Tracer {
  let live: LiveNetwork
  var map: NetworkMap { live.map }
  private let rules: (OpenNamespace) throws(SystemError) -> Ruleset?
  private var known: [Int: Ruleset?] = [:]
  var steps: [TraceStep] = []
  var packet: Packet
  /// The namespace it is in.
  var here = 0
  /// Where it began; nil for the world outside.
  var origin: Int?
  /// Rules that may have ended or turned it.
  var doubts: [RuleHit] = []
  /// What each namespace's connection tracking knows of it.
  var translations: [Int: Translation] = [:]
  /// Where a packet from outside came in: answers leave there.
  var entry: LinkEnd?
  /// How many links it has taken; more is a loop.
  var hops = 0

  /// A connection before and behind the rules of one namespace.
  struct Translation {
    var before: Packet
    var after: Packet
  }

  /// Prepares it.
  ///
  /// - Parameters:
  ///   - live: the namespaces.
  ///   - packet: to be followed.
  ///   - rules: the rules of a namespace; nil when they cannot be read.
  package init(
    _ live: LiveNetwork, _ packet: Packet,
    rules: @escaping (OpenNamespace) throws(SystemError) -> Ruleset?
  ) {
    self.live = live
    self.packet = packet
    self.rules = rules
  }

  /// Follows a packet that a namespace makes itself.
  package func run(from namespace: Int) -> TraceResult {
    origin = namespace
    here = namespace
    let to = "\(Tracer.text(packet.destination, packet.destinationPort))/\(packet.transport.name)"
    note(
      .start, .passed,
      Bilingual(
        en: "a program in \(space.name) connects to \(to)", zh: "\(space.name) 中的程序连接 \(to)"))
    return finish { () throws(Stop) in try self.sendFromHere() }
  }

  /// Follows a packet that comes in from outside by a link.
  package func run(into namespace: Int, by link: NetworkLink) -> TraceResult {
    here = namespace
    entry = LinkEnd(namespace, link.index)
    let to = "\(Tracer.text(packet.destination, packet.destinationPort))/\(packet.transport.name)"
    let from = packet.source.map { "\($0)" } ?? "?"
    note(
      .start, .passed,
      Bilingual(
        en: "a packet from \(from) to \(to) comes in by \(link.name)",
        zh: "从 \(from) 到 \(to) 的数据包由 \(link.name) 进入"))
    return finish { () throws(Stop) in try self.arrive(by: link, nextHop: self.packet.destination) }
  }

  private func finish(_ walk: () throws(Stop) -> Void) -> TraceResult {
    let first = packet
    do throws(Stop) {
      try walk()
      let listener = steps.last { $0.kind == .socket }
      try walkBack(first)
      if !doubts.isEmpty { throw doubtful() }
      return TraceResult(
        steps: steps, reach: .reachable, reason: "reachable",
        text: listener?.kind == .socket
          ? listener?.text ?? Bilingual("") : Bilingual(en: "It is answered.", zh: "有应答。"),
        advice: [])
    } catch {
      var stop = error
      // What was stopped for certain may never have come there.
      if stop.reach == .unreachable, !doubts.isEmpty { stop = doubtful() }
      let mark: TraceStep.Mark = error.reach == .unreachable ? .stopped : .doubtful
      if steps.last?.mark == .passed { steps[steps.count - 1].mark = mark }
      return TraceResult(
        steps: steps, reach: stop.reach, reason: stop.reason, text: stop.text, advice: stop.advice)
    }
  }

  private func doubtful() -> Stop {
    let places = doubts.compactMap { $0.rule?.place }.prefix(3).joined(separator: "; ")
    return Stop(
      reach: .unknown, reason: "undecided",
      text: Bilingual(
        en: "It depends on rules that cannot be decided from here: \(places)",
        zh: "取决于此处无法判定的规则：\(places)"),
      advice: [
        Bilingual(
          en: "Add --try: a real connection tells.", zh: "加上 --try：用真实连接来判断。")
      ])
  }

  // MARK: For the others

  var space: NetworkNamespace { map.namespaces[here] }
  var place: OpenNamespace { live.places[here] }

  func note(
    _ kind: TraceStep.Kind, _ mark: TraceStep.Mark, _ text: Bilingual, hits: [RuleHit] = []
  ) {
    steps.append(TraceStep(kind: kind, mark: mark, place: space.name, text: text, hits: hits))
  }

  /// `10.0.0.2:80`, `[fd00::2]:80`.
  static func text(_ address: IPAddress, _ port: UInt16?) -> String {
    let host = address.isV6 && port != nil ? "[\(address)]" : "\(address)"
    return host + (port.map { ":\($0)" } ?? "")
  }

  /// The rules of this namespace; nil when they cannot be read.
  func ruleset() -> Ruleset? {
    if let known = known[here] { return known }
    var read: Ruleset?
    do throws(SystemError) {
      read = try rules(place)
      if read == nil { unreadable("drydock-rules, nft(8)") }
      let legacy = try place.visit { () throws(SystemError) in Tracer.legacyTables() }
      if !legacy.isEmpty {
        note(
          .note, .note,
          Bilingual(
            en: "there are tables of iptables-legacy (\(legacy)), which cannot be seen here",
            zh: "存在 iptables-legacy 的表（\(legacy)），此处看不到其规则"))
        doubts.append(
          RuleHit(rule: nil, chain: "iptables-legacy", fate: .unknown, isDoubtful: true))
      }
    } catch { unreadable(error.text) }
    known[here] = read
    return read
  }

  private func unreadable(_ why: String) {
    note(
      .rules, .doubtful,
      Bilingual(en: "the rules could not be read: \(why)", zh: "无法读取规则：\(why)"))
    doubts.append(RuleHit(rule: nil, chain: "nf_tables", fate: .unknown, isDoubtful: true))
  }

  /// Tables of ip_tables that have been used, as the kernel lists them.
  private static func legacyTables() -> String {
    ["ip_tables_names", "ip6_tables_names"].flatMap { name in
      // The file is there only where the module is.
      ((try? File.text("/proc/thread-self/net/\(name)", limit: 4096)) ?? "")
        .split(separator: "\n").map { String($0) }
    }.joined(separator: ", ")
  }

  /// One hook of this namespace.
  func pass(
    _ hook: String, families: [String]? = nil, device: String? = nil,
    answer: ((inout Packet) -> Void)? = nil
  ) throws(Stop) {
    guard let rules = ruleset() else {
      answer?(&packet)
      return
    }
    let before = packet
    let run = HookRun(packet, hook: hook, rules, families: families, device: device, answer: answer)
    {
      self.addressType($0)
    }
    packet = run.packet
    doubts += run.doubts
    guard run.chains > 0 else { return }
    let changed = before != packet
    let en: String
    let zh: String
    if changed {
      let from = Tracer.flow(before)
      let to = Tracer.flow(packet)
      (en, zh) = ("\(hook): \(from) becomes \(to)", "\(hook)：\(from) 变为 \(to)")
    } else {
      let plural = run.chains == 1 ? "" : "s"
      (en, zh) = (
        "\(hook): \(run.chains) chain\(plural), nothing changed",
        "\(hook)：\(run.chains) 条链，未作改变"
      )
    }
    switch run.fate {
    case .drop, .reject:
      let isReject = run.fate != .drop
      note(
        .rules, .stopped,
        Bilingual(
          en: "\(hook): \(isReject ? "rejected" : "dropped")",
          zh: "\(hook)：\(isReject ? "被拒绝" : "被丢弃")"), hits: run.hits)
      throw dropped(run.hits.last, hook, isReject)
    default:
      note(
        .rules, run.doubts.isEmpty ? .passed : .doubtful, Bilingual(en: en, zh: zh), hits: run.hits)
    }
  }

  private static func flow(_ packet: Packet) -> String {
    let to = text(packet.destination, packet.destinationPort)
    return (packet.source.map { "\($0)" } ?? "?") + " → " + to
  }

  private func dropped(_ hit: RuleHit?, _ hook: String, _ isReject: Bool) -> Stop {
    let name = space.name
    let word = (isReject ? "rejected" : "dropped", isReject ? "拒绝" : "丢弃")
    guard let rule = hit?.rule else {
      let chain = hit?.chain ?? hook
      return Stop(
        reason: "dropped",
        text: Bilingual(
          en: "It is dropped in \(name) by the policy of chain \(chain).",
          zh: "它在 \(name) 中被链 \(chain) 的默认策略丢弃。"),
        advice: [
          Bilingual(
            en: "See `nft list chain \(chain)`; a rule there must accept it.",
            zh: "查看 `nft list chain \(chain)`；其中须有规则接受它。")
        ])
    }
    return Stop(
      reason: isReject ? "rejected" : "dropped",
      text: Bilingual(
        en: "It is \(word.0) in \(name) by a rule of table \(rule.family) \(rule.table): "
          + "\(rule.text) (chain \(rule.chain), handle \(rule.handle)).",
        zh: "它在 \(name) 中被表 \(rule.family) \(rule.table) 的规则\(word.1)：\(rule.text)"
          + "（链 \(rule.chain)，handle \(rule.handle)）。"),
      advice: [
        Bilingual(
          en: "`nft delete rule \(rule.place)` removes it, if it is yours to remove.",
          zh: "若由您管理，可用 `nft delete rule \(rule.place)` 删除。")
      ])
  }

  /// RTN_ type of an address here, from the local table only, as `fib` has it.
  func addressType(_ address: IPAddress) -> String {
    let best = space.routes.filter { $0.table == 255 && $0.destination.contains(address) }
      .max { $0.destination.length < $1.destination.length }
    switch best?.type {
    case 2: return "local"
    case 3: return "broadcast"
    case 4: return "anycast"
    case 5: return "multicast"
    default: return "unicast"
    }
  }
}
