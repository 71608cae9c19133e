// What a process asks for itself before it becomes the program: one operation each, told like the
// others (Operation.swift, Shell.swift).

public import Linux

/// How a process is scheduled, where it runs, and what it takes itself for.
public enum ProcessAttribute: Sendable {
  /// sched_setaffinity(2).
  case affinity(NumberSet, list: String)
  /// sched_setattr(2); the policy as `SCHED_FIFO`.
  case scheduler(SchedulerAttributes, policy: String)
  /// ioprio_set(2).
  case ioPriority(class: Int32, level: Int32)
  /// personality(2); the domain as `LINUX32`.
  case personality(UInt, domain: String)
  /// set_mempolicy(2); the mode as `MPOL_BIND`.
  case memoryPolicy(Int32, mode: String, NumberSet?, nodes: String)
  /// umask(2).
  case umask(UInt32)

  func perform() throws(SystemError) {
    switch self {
    case .affinity(let cpus, let list): try Scheduling.setAffinity(cpus, name: list)
    case .scheduler(let attributes, _): try Scheduling.set(attributes)
    case .ioPriority(let kind, let level):
      try Scheduling.setIOPriority(class: kind, level: level)
    case .personality(let persona, _): try Scheduling.setPersonality(persona)
    case .memoryPolicy(let number, _, let set, let nodes):
      try Scheduling.setMemoryPolicy(mode: number, nodes: set, name: nodes)
    case .umask(let mask): Identity.setUmask(mask)
    }
  }

  var call: String {
    switch self {
    case .affinity: "sched_setaffinity(2)"
    case .scheduler: "sched_setattr(2)"
    case .ioPriority: "ioprio_set(2)"
    case .personality: "personality(2)"
    case .memoryPolicy: "set_mempolicy(2)"
    case .umask: "umask(2)"
    }
  }

  var object: String {
    switch self {
    case .affinity(_, let list): "CPUs \(list)"
    case .scheduler(let attributes, let policy):
      switch attributes.policy {
      case 1, 2: "\(policy), priority \(attributes.priority)"
      case 6: "\(policy), \(attributes.runtime) of \(attributes.period) ns"
      default: "\(policy), nice \(attributes.nice)"
      }
    case .ioPriority(let kind, let level): "class \(kind), level \(level)"
    case .personality(_, let domain): domain
    case .memoryPolicy(_, let mode, _, let nodes): nodes.isEmpty ? mode : "\(mode), nodes \(nodes)"
    case .umask(let mask): octal(mask)
    }
  }

  var shell: String? {
    switch self {
    case .affinity(_, let list): "taskset -pc \(quoted(list)) $$"
    case .scheduler(let attributes, _):
      switch attributes.policy {
      case 0: "renice -n \(attributes.nice) -p $$"
      case 1: "chrt -f -p \(attributes.priority) $$"
      case 2: "chrt -r -p \(attributes.priority) $$"
      case 3: "chrt -b -p 0 $$"
      case 5: "chrt -i -p 0 $$"
      default:
        "chrt -d -T \(attributes.runtime) -D \(attributes.deadline) -P \(attributes.period) -p 0 $$"
      }
    case .ioPriority(let kind, let level): "ionice -c \(kind) -n \(level) -p $$"
    case .umask(let mask): "umask " + octal(mask)
    // setarch(8) and numactl(8) do these only to a program they start.
    case .personality, .memoryPolicy: nil
    }
  }

  var evidence: Evidence {
    switch self {
    case .affinity: Evidence("/proc/self/status", "Cpus_allowed_list")
    case .scheduler: Evidence("/proc/self/sched", "policy")
    case .ioPriority: Evidence("")
    case .personality: Evidence("/proc/self/personality")
    case .memoryPolicy: Evidence("/proc/self/numa_maps")
    case .umask: Evidence("/proc/self/status", "Umask")
    }
  }
}
