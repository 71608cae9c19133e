// What libFuzzer calls with every input (Tests/fuzz links it): one reader of foreign text, chosen by
// DRYDOCK_FUZZ. A crash is a trap; so is everything that `claim` finds otherwise.
//
//   config      config.json: read, checked as a whole, written and read again
//   process     exec --process FILE
//   state       state.json
//   resources   update --resources FILE
//   seccomp     --security-opt seccomp=FILE
//   mount       the options of a mount, one a line
//   fault       --fault ID[#N][:ERRNO|kill]
//   dns         a message of a container to the name server, or of a server that it asked
//   names       the files from which the name server knows networks and containers, and what
//               another host tells it

internal import Linux
internal import Names
internal import OCI
internal import Runtime
internal import Steps

/// The entry that libFuzzer looks for.
///
/// Returns 0, which keeps the input when it reached something new.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
  let began = Clock.cpu
  Target.chosen(input)
  // Ten microseconds of CPU a byte are a hundred times what reading takes: more is not linear.
  let limit = 200_000_000 + UInt64(count) * 10_000
  claim(Clock.cpu - began < limit, "\(count) bytes took \(Clock.cpu - began) ns of CPU")
  return 0
}

private func claim(_ holds: Bool, _ text: @autoclosure () -> String) {
  if !holds { fatalError(text()) }
}

private enum Target {
  static let chosen: @Sendable ([UInt8]) -> Void = {
    var name = ""
    for entry in Processes.environment where entry.hasPrefix("DRYDOCK_FUZZ=") {
      name = String(entry.dropFirst(13))
    }
    switch name {
    case "config": return config
    case "process": return process
    case "state": return state
    case "resources": return resources
    case "seccomp": return seccomp
    case "mount": return mount
    case "fault": return fault
    case "dns": return dns
    case "names": return names
    default: fatalError("DRYDOCK_FUZZ is \"\(name)\", none of the readers")
    }
  }()

  /// An error names a place in the file and says something.
  private static func judge(_ error: ConfigError, _ input: [UInt8]) {
    claim(error.offset >= 0 && error.offset <= input.count, "offset \(error.offset)")
    claim(error.line >= 1 && error.line <= input.count + 1, "line \(error.line)")
    claim(!error.message.isEmpty, "an error without words")
    claim(
      error.text.utf8.count < 4096 + 6 * input.count, "an error of \(error.text.utf8.count) bytes")
  }

  /// What was read can be written, and says the same when read again.
  private static func roundTrip(_ config: Config) {
    for pretty in [false, true] {
      let text = config.encode(pretty: pretty)
      do {
        claim(try Config.parse(text) == config, "read again it is another")
      } catch {
        fatalError("what was written cannot be read: \(error.text)")
      }
    }
  }

  static func config(_ input: [UInt8]) {
    do {
      var warnings = 0
      let config = try Config.parse(input) { _ in warnings += 1 }
      claim(warnings <= 16, "\(warnings) warnings")
      roundTrip(config)
      do { try Validation.check(config) } catch {
        claim(!error.message.isEmpty, "a refusal without words")
      }
    } catch { judge(error, input) }
  }

  static func process(_ input: [UInt8]) {
    do {
      var config = Config()
      config.process = try Process.parse(input)
      roundTrip(config)
    } catch { judge(error, input) }
  }

  static func resources(_ input: [UInt8]) {
    do {
      var config = Config()
      config.linux.resources = try Resources.parse(input)
      roundTrip(config)
    } catch { judge(error, input) }
  }

  static func state(_ input: [UInt8]) {
    do {
      let state = try State.parse(input)
      for pretty in [false, true] {
        do {
          claim(try State.parse(state.encode(pretty: pretty)) == state, "read again it is another")
        } catch { fatalError("what was written cannot be read: \(error.text)") }
      }
    } catch { judge(error, input) }
  }

  static func seccomp(_ input: [UInt8]) {
    do {
      let profile = try SeccompProfile.parse(input)
      var config = Config()
      config.linux.seccomp = profile.rules(capabilities: ["CAP_SYS_ADMIN"], kernel: "6.1.0")
      claim(config.linux.seccomp?.defaultAction.isEmpty == false, "rules without a default")
    } catch { judge(error, input) }
  }

  static func mount(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let options = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    for type in ["tmpfs", "bind"] {
      let mount = Mount(destination: "/x", type: type, source: "x", options: options)
      do {
        let sorted = try MountOptions(mount)
        claim(try MountOptions(mount) == sorted, "the same options are two things")
      } catch {
        claim(error.message.contains("/x"), "the error does not name the mount: \(error.message)")
      }
    }
  }

  static func fault(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    guard let fault = Fault(text) else { return }
    claim((fault.occurrence ?? 1) > 0, "occurrence \(fault.occurrence ?? 0)")
    claim(text.hasPrefix(fault.id.rawValue), "\(text) became \(fault.id.rawValue)")
  }

  static func dns(_ input: [UInt8]) {
    let asked: [UInt8] = [3, 119, 101, 98, 0, 0, 1, 0, 1]
    let isAnswer = DNSRelay.isAnswer(input, id: 0x1234, question: asked)
    do {
      let query = try DNSQuery(input)
      claim(!isAnswer, "a question that is an answer")
      claim(query.name.utf8.count < 256, "a name of \(query.name.utf8.count) bytes")
      claim(query.question.count <= 259, "a question of \(query.question.count) bytes")
      claim(query.udpLimit >= 512, "a limit of \(query.udpLimit) bytes")
      let long = DNSRelay.renumbered(input, 7) + [UInt8](repeating: 0, count: 65_536)
      let cut = DNSRelay.cut(long, to: query)
      claim(cut.count == 12 + query.question.count, "cut to \(cut.count) bytes")
      claim(cut[0] == 0 && cut[1] == 7 && cut[2] & 0x02 != 0, "an answer that is not cut")
    } catch {
      claim(
        error != .silence || input.count < 12 || input.count > DNSQuery.limit
          || input[2] & 0x80 != 0, "a question without an answer")
    }
  }

  static func names(_ input: [UInt8]) {
    func judge(_ error: NameFileError) {
      claim(error.line >= 0 && error.line <= input.count + 1, "line \(error.line)")
      claim(!error.text.isEmpty && error.text.utf8.count < 1024, "words: \(error.text)")
    }
    do throws(NameFileError) {
      let entry = try NameEntry.parse(input)
      claim(try NameEntry.parse(entry.encode()) == entry, "read again it is another")
    } catch { judge(error) }
    do throws(NameFileError) {
      let entry = try NetworkEntry.parse(input)
      claim(try NetworkEntry.parse(entry.encode()) == entry, "read again it is another")
    } catch { judge(error) }
    do throws(NameFileError) {
      let said = try Announcement.parse(input)
      claim(try Announcement.parse(said.encode()) == said, "read again it is another")
    } catch { judge(error) }
    let file = ResolverFile(String(decoding: input, as: UTF8.self))
    claim(ResolverFile(file.text) == file, "read again it is another")
  }
}
