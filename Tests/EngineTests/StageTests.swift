import Linux
import OCI
import Testing

@testable import Engine

@Suite("An init, hooks, the host's name")
struct StageTests {
  private func config(_ change: (inout RunOptions) -> Void) throws -> Config {
    var options = RunOptions(image: "busybox")
    change(&options)
    var settings = ContainerConfig(
      options: options, id: String(repeating: "ab", count: 32),
      image: ImageRecipe.settings("busybox"), lower: "/lower", layer: "/layer",
      user: ContainerUser(home: "/root"), bounding: testMachine.capabilities, seccomp: nil)
    settings.hostName = "harbour"
    settings.initProgram = "/usr/lib/drydock-init"
    return try settings.config()
  }

  @Test("With --init the command is its argument, and the program is bound read-only")
  func initProgram() throws {
    let config = try config {
      $0.hasInit = true
      $0.command = ["sleep", "1"]
    }
    #expect(config.process?.args == ["/dev/init", "sleep", "1"])
    let mount = try #require(config.mounts.first { $0.destination == "/dev/init" })
    #expect(mount.source == "/usr/lib/drydock-init" && mount.options.contains("ro"))
    // On the tmpfs of /dev, so behind it.
    let device = try #require(config.mounts.firstIndex { $0.destination == "/dev" })
    #expect(try #require(config.mounts.firstIndex(of: mount)) > device)
  }

  @Test("Hooks are lines for the shell, at the stages of the specification")
  func hooks() throws {
    let config = try config { $0.hooks = ["createContainer=echo a=b", "poststop=true"] }
    #expect(config.hooks.createContainer.first?.args == ["sh", "-c", "echo a=b"])
    #expect(config.hooks.poststop.count == 1)
    for text in ["later=true", "createContainer", "=true"] {
      #expect(refusal { _ = try HookOptions.hooks([text]) }.message.hasPrefix("invalid --hook"))
    }
  }

  @Test("--uts host makes no namespace and sets no name")
  func uts() throws {
    let config = try config { $0.uts = "host" }
    #expect(!config.linux.namespaces.contains { $0.kind == .uts })
    #expect(config.hostname == nil)
    #expect(config.process?.env.contains("HOSTNAME=harbour") == true)
    var options = RunOptions(image: "busybox")
    options.uts = "host"
    options.hostname = "web"
    let refused = refusal { try OptionRules.check(options, on: testMachine) }
    #expect(refused.message == "conflicting options: hostname and the UTS mode")
  }
}
