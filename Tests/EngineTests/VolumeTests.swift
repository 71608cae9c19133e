import Linux
import OCI
import Testing

@testable import Engine

@Suite("Volumes, an init, hooks, the host's name")
struct VolumeTests {
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

  @Test("A volume is private unless it is told otherwise, and may be read-only")
  func volume() throws {
    let mount = try Volume("/srv/data/:/data:ro").mount
    #expect(mount.source == "/srv/data" && mount.destination == "/data")
    #expect(mount.options == ["rbind", "ro", "rprivate"])
    #expect(try Volume("/a:/b:rslave").mount.options == ["rbind", "rw", "rslave"])
  }

  @Test("A volume takes the place of a default mount; only a shared one asks for a shared root")
  func places() throws {
    let config = try config { $0.volumes = ["/proc:/proc", "/srv:/srv"] }
    #expect(config.mounts.filter { $0.destination == "/proc" }.map(\.source) == ["/proc"])
    #expect(config.mounts.last?.destination == "/srv")
    #expect(config.mounts.first?.destination == "/")
    #expect(config.linux.rootfsPropagation == nil)
    let shared = try self.config { $0.volumes = ["/srv:/srv:shared"] }
    #expect(shared.linux.rootfsPropagation == "shared")
  }

  @Test(
    "What cannot be meant is refused",
    arguments: [
      ("/a", "invalid volume specification"), ("name:/b", "no absolute path"),
      ("/a:b", "must be an absolute path"), ("/a:/", "must be an absolute path"),
      ("/a:/b/../c", "must be an absolute path"), ("/a:/b:wide", "invalid mode: wide"),
    ])
  func refused(_ text: String, _ message: String) {
    #expect(refusal { _ = try Volume(text) }.message.contains(message))
  }

  @Test("The source must be there, and shared for a shared volume")
  func sources() throws {
    let missing = refusal { try Volume("/no/such/place:/b").check() }
    #expect(missing.message.contains("bind source path does not exist: /no/such/place"))
    // proc is mounted by itself, and nobody makes it shared but for a shared root.
    let line = try #require(try MountInfo.holding("/proc/self"))
    #expect(line.target == "/proc" && line.type == "proc")
    if !line.propagation.contains("shared:") {
      let refused = refusal { try Volume("/proc:/b:rshared").check() }
      #expect(refused.message == "path /proc is mounted on /proc but it is not a shared mount")
    }
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
