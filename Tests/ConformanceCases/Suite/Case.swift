// A case is one sentence of the specification with something that shows whether a runtime does it.

/// The word of RFC 2119 the sentence has.
enum Level: String {
  case must = "MUST"
  case mustNot = "MUST NOT"
  case should = "SHOULD"
}

/// One requirement and the experiment on it.
struct Case {
  /// Document, section and a word: `config/mounts/order`.
  let id: String
  let level: Level
  /// The requirement, in our words.
  let text: String
  let body: (Trial) throws -> Void
}

/// What an experiment found to be otherwise than required.
struct Failure: Error { let text: String }

/// Why an experiment cannot be made here.
struct Skip: Error { let text: String }

/// The cases of one section, as they are written down.
struct Section {
  let name: String
  private(set) var cases: [Case] = []

  init(_ name: String) { self.name = name }

  mutating func must(_ slug: String, _ text: String, _ body: @escaping (Trial) throws -> Void) {
    add(.must, slug, text, body)
  }
  mutating func mustNot(_ slug: String, _ text: String, _ body: @escaping (Trial) throws -> Void) {
    add(.mustNot, slug, text, body)
  }
  mutating func should(_ slug: String, _ text: String, _ body: @escaping (Trial) throws -> Void) {
    add(.should, slug, text, body)
  }

  private mutating func add(
    _ level: Level, _ slug: String, _ text: String, _ body: @escaping (Trial) throws -> Void
  ) {
    cases.append(Case(id: "\(name)/\(slug)", level: level, text: text, body: body))
  }
}

/// Every case there is, in the order of the specification's documents.
enum Cases {
  static var all: [Case] {
    let sections = [
      bundle, state, create, start, kill, delete, lifecycle, version, root, mounts, mountOptions,
      recursiveMountOptions, idmappedMounts, process, terminal, user, rlimits, capabilities,
      linuxProcess, scheduling, names, hooks, hookFailures, annotations, extensibility,
      defaultFilesystems, namespaces, userNamespaces, timeOffsets, devices, defaultDevices, cgroups,
      deviceRules, memory, cpu, otherResources, sysctl, seccomp, seccompListener, propagation,
      paths, labels, personality, features,
    ]
    return sections.flatMap { $0().cases }
  }
}
