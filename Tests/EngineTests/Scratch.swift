import Linux
import Testing

@testable import Engine

/// A directory of one test, gone when the test ends.
final class Scratch {
  let path: String

  init() throws {
    path = "/tmp/drydock-engine-test-\(Names.newID().prefix(16))"
    try File.makeDirectory(path, mode: 0o755)
  }

  deinit {
    do { try File.removeTree(path) } catch { Issue.record("\(error.text)") }
  }

  /// Writes an executable file.
  func script(_ name: String, _ text: String) throws -> String {
    let place = "\(path)/\(name)"
    try File.replace(place, with: Array("#!/bin/sh\n\(text)\n".utf8), mode: 0o755)
    return place
  }

  /// A runtime that keeps state as the real one does, and runs a shell's `body` on the host.
  ///
  /// `$id`, `$bundle`, `$trace`, `$pidfile` and `$state` are set.
  func runtime(_ body: String) throws -> String {
    try script(
      "runtime-\(Names.newID().prefix(8))",
      """
      root=$2; shift 2
      command=$1; shift
      while [ $# -gt 1 ] && [ "${1#-}" != "$1" ]; do
        case $1 in
          --bundle) bundle=$2; shift 2;;
          --trace) trace=$2; shift 2;;
          --pid-file) pidfile=$2; shift 2;;
          *) shift;;
        esac
      done
      id=$1; state=$root/$id
      tell() { printf '{"ociVersion":"1.2.0","id":"%s","status":"%s","pid":%s,"bundle":"%s"}' \
        "$id" "$1" "$2" "$bundle" > $state/state.json; }
      case $command in
        run) mkdir -p $state; tell running $$
          echo "$$ $(cut -d' ' -f22 /proc/$$/stat)" > $state/pid
          [ -n "$pidfile" ] && echo $$ > $pidfile
          [ -n "$trace" ] && echo '{"schema":1,"container":"c","total_ns":9,"unaccounted_ns":2,' \
            '"steps":[{"id":"process.exec","phase":"exec","errno":null}]}' > $trace.new &&
            mv $trace.new $trace
          \(body)
          code=$?; rm -r $state; exit $code;;
        state) cat $state/state.json;;
        kill) kill -$2 $(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' $state/state.json);;
        delete) kill -9 $(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' $state/state.json) 2>/dev/null
          rm -rf $state;;
      esac
      """)
  }

  /// An engine on this directory whose runtime does `body`.
  func engine(_ body: String = "true") throws -> Engine {
    try Engine(
      root: path + "/root", runRoot: path + "/run", runtime: try runtime(body),
      busybox: try program("busybox"), stress: try program("stress"))
  }

  /// A static executable that only exits with 0, so that its digest is quick to take.
  ///
  /// `tag` makes it another one.
  func program(_ name: String, tag: UInt8 = 0) throws -> String {
    #if arch(x86_64)
      let machine: UInt8 = 62
      // mov $60, %eax; xor %edi, %edi; syscall
      let code: [UInt8] = [0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05]
    #else
      let machine: UInt8 = 183
      // mov x8, #93; mov x0, #0; svc #0
      let code: [UInt8] = [0xa8, 0x0b, 0x80, 0xd2, 0, 0, 0x80, 0xd2, 1, 0, 0, 0xd4]
    #endif
    func word(_ value: UInt64, _ bytes: Int) -> [UInt8] {
      (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
    }
    // elf(5): the header, one PT_LOAD of the whole file at 4 MiB, the code at 120.
    let base: UInt64 = 0x40_0000
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + word(0, 9)
    file += word(2, 2) + [machine, 0] + word(1, 4) + word(base + 120, 8) + word(64, 8)
    file += word(0, 12) + word(64, 2) + word(56, 2) + word(1, 2) + word(0, 6)
    let size = UInt64(120 + code.count + 1)
    file += word(1, 4) + word(5, 4) + word(0, 8) + word(base, 8) + word(base, 8)
    file += word(size, 8) + word(size, 8) + word(4096, 8)
    let place = "\(path)/\(name)"
    try File.replace(place, with: file + code + [tag], mode: 0o755)
    return place
  }
}

/// The error a body throws; an issue when it throws none.
func refusal(_ body: () throws -> Void) -> EngineError {
  do {
    try body()
    Issue.record("was not refused")
  } catch let error as EngineError {
    return error
  } catch {
    Issue.record("\(error)")
  }
  return EngineError("")
}
