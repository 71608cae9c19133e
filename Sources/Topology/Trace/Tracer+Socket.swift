internal import Linux
internal import Measure

// Who takes the packet, and how the answer finds back.

extension Tracer {
  /// The packet has come to where it is for.
  func deliver() throws(Stop) {
    if packet.isReply { return }
    let sockets: [ListeningSocket]
    do throws(SystemError) {
      let transport = packet.transport
      sockets = try place.visit { () throws(SystemError) in try ListeningSocket.all(transport) }
    } catch {
      throw Stop(
        reach: .unknown, reason: "undecided",
        text: Bilingual(
          en: "The sockets of \(space.name) could not be read: \(error.text)",
          zh: "无法读取 \(space.name) 的套接字：\(error.text)"))
    }
    let port = packet.destinationPort ?? 0
    let there = sockets.filter { $0.port == port }
    // The one that names the address comes before one for all (tcp(7)).
    let fits = there.filter { $0.takes(packet.destination) }
    guard let socket = fits.first(where: { !$0.address.isAny }) ?? fits.first else {
      throw silence(there, port)
    }
    let owner = ListeningSocket.owner(socket.inode, among: space.pids)
    let who = owner.map { "\($0.command) (PID \($0.pid))" }
    let proxies = owner.map { Tracer.isProxy($0.command) } ?? false
    let where_ = Tracer.text(socket.address, socket.port)
    note(
      .socket, .passed,
      Bilingual(
        en: "\(who ?? "somebody") in \(space.name) listens on \(where_)"
          + (proxies ? ", and passes it on to the container" : ""),
        zh: "\(space.name) 中的 \(who ?? "某进程") 监听 \(where_)" + (proxies ? "，并转交给容器" : "")))
    if proxies && translations.isEmpty {
      note(
        .note, .note,
        Bilingual(
          en: "no rule of nf_tables takes this packet: the proxy in user space serves it, slower",
          zh: "没有 nf_tables 规则处理该数据包：由用户态代理服务，速度较慢"))
    }
  }

  /// Programs that take connections for a container.
  private static func isProxy(_ command: String) -> Bool {
    ["drydock-publish", "docker-proxy", "rootlessport", "conmon"].contains {
      // comm has 15 characters (proc_pid_comm(5)).
      command == String($0.prefix(15))
    }
  }

  private func silence(_ there: [ListeningSocket], _ port: UInt16) -> Stop {
    let name = space.name
    let address = packet.destination
    note(
      .socket, .stopped,
      Bilingual(
        en: "no socket in \(name) takes \(Tracer.text(address, port))",
        zh: "\(name) 中没有套接字接受 \(Tracer.text(address, port))"))
    if let other = there.first {
      let own = Tracer.text(other.address, other.port)
      return Stop(
        reason: other.address.isLoopback ? "loopback-only" : "other-address",
        text: Bilingual(
          en: "In \(name) port \(port) is listened on, but only on \(own), not on \(address).",
          zh: "\(name) 中有程序监听端口 \(port)，但只在 \(own)，不在 \(address)。"),
        advice: [
          Bilingual(
            en: "Let the program listen on 0.0.0.0 (or ::) inside.",
            zh: "让程序在其中监听 0.0.0.0（或 ::）。")
        ])
    }
    let translated = !translations.isEmpty || !space.isHost
    return Stop(
      reason: "no-listener",
      text: Bilingual(
        en: "Nobody in \(name) listens on port \(port)"
          + (translated ? "." : ", and no rule sends it elsewhere."),
        zh: "\(name) 中没有程序监听端口 \(port)" + (translated ? "。" : "，也没有规则将其转到别处。")),
      advice: translated
        ? [
          Bilingual(
            en: "Is the program started, and is this its port? `drydock logs` may tell.",
            zh: "程序启动了吗，端口对吗？`drydock logs` 或许有答案。")
        ]
        : [
          Bilingual(
            en: "Publish it: `drydock run -p \(port):PORT`; `drydock ps` shows what is published.",
            zh: "发布它：`drydock run -p \(port):PORT`；`drydock ps` 显示已发布的端口。")
        ])
  }

  /// The answer's way back to where the packet came from.
  func walkBack(_ first: Packet) throws(Stop) {
    guard let source = packet.source else { return }
    let target = here
    let kept = steps
    steps = []
    var answer = Packet(packet.transport, from: packet.destination, to: source, port: nil)
    answer.isReply = true
    answer.sourcePort = packet.destinationPort
    packet = answer
    hops = 0
    do throws(Stop) {
      try sendFromHere()
      let asked = first.destination
      let sender = origin == nil ? packet.source : translatedAtOrigin(packet.source)
      if let sender, sender != asked {
        throw Stop(
          reason: "asymmetric",
          text: Bilingual(
            en:
              "The answer comes from \(sender), not from \(asked) that was asked: it took another "
              + "way than the question.",
            zh: "应答来自 \(sender)，而不是所询问的 \(asked)：它走了与请求不同的路。"),
          advice: [
            Bilingual(
              en: "The rules must masquerade what goes back to its own network (hairpin).",
              zh: "规则须对返回本网络的数据包做 masquerade（hairpin）。")
          ])
      }
      steps = kept
      here = target
      note(.answer, .passed, Bilingual(en: "the answer finds its way back", zh: "应答能够返回"))
    } catch {
      let back = steps
      steps = kept
      here = target
      note(.answer, .stopped, Bilingual(en: "the answer's way back:", zh: "应答的返回路径："))
      steps += back
      throw error
    }
  }

  private func translatedAtOrigin(_ source: IPAddress?) -> IPAddress? {
    guard let origin, let known = translations[origin], source == known.after.destination else {
      return source
    }
    return known.before.destination
  }
}
