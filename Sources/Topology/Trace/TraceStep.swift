// The way of one packet:
//
//   made here ─▶ route ─▶ output ─▶ postrouting ─▶ link ┐
//                                                       ├─▶ bridge ─▶ link ─▶ next namespace ┐
//   ┌───────────────────────────────────────────────────┘                                    │
//   └▶ prerouting ─▶ route ─┬─▶ input ─▶ socket                                 ◀────────────┘
//                           └─▶ forward ─▶ postrouting ─▶ link
//
//   Tracer.swift          begins it, asks nf_tables at each hook
//   Tracer+Routing.swift  routes, delivery, forwarding
//   Tracer+Links.swift    from link to link: veth, bridge, tunnel
//   Tracer+Socket.swift   who listens, and the answer's way back

package import Measure

/// One thing that happens to the packet.
package struct TraceStep: Sendable {
  /// What it is about.
  package enum Kind: String, Sendable {
    case start, route, rules, link, bridge, tunnel, socket, answer, note
  }

  /// What it means for the packet.
  package enum Mark: String, Sendable {
    case passed, stopped, doubtful, note
  }

  /// What it is about.
  package var kind: Kind
  /// What it means.
  package var mark: Mark
  /// The namespace's name.
  package var place: String
  /// What happens.
  package var text: Bilingual
  /// The rules that did it.
  package var hits: [RuleHit] = []
}

/// Whether a port can be reached.
package enum Reach: String, Sendable {
  case reachable, unreachable, unknown
}

/// The answer.
package struct TraceResult: Sendable {
  /// In their order.
  package var steps: [TraceStep]
  /// Whether it can be reached.
  package var reach: Reach
  /// A word for programs, such as `no-listener` or `dropped`.
  package var reason: String
  /// Why.
  package var text: Bilingual
  /// What to try.
  package var advice: [Bilingual]

  /// 0 reachable, 1 not, 2 unknown.
  package var exitCode: Int32 {
    switch reach {
    case .reachable: 0
    case .unreachable: 1
    case .unknown: 2
    }
  }
}

/// Why a way ends before its end.
struct Stop: Error {
  var reach = Reach.unreachable
  var reason: String
  var text: Bilingual
  var advice: [Bilingual] = []
}
