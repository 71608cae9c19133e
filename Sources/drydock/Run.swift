import ArgumentParser
import Engine

/// `drydock run`: options up to the image, whose command takes the rest as it is.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a command in a new container.",
    usage: "drydock run [OPTIONS] IMAGE [COMMAND] [ARG...]",
    helpNames: .long)

  @ParentCommand var drydock: Drydock

  @Flag(name: .customLong("rm"), help: "Remove the container when it ends.")
  var remove = false

  @Flag(name: .shortAndLong, help: "Keep standard input open.")
  var interactive = false

  @Flag(name: .shortAndLong, help: "Give it a terminal.")
  var tty = false

  @Option(help: "Its name; made up when not given.")
  var name: String?

  @Option(
    name: [.customShort("e", allowingJoined: true), .customLong("env")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Set a variable, or pass the host's on.", valueName: "NAME[=VALUE]"))
  var environment: [String] = []

  @Option(
    name: [.customShort("w", allowingJoined: true), .customLong("workdir")],
    help: "Where it starts.")
  var workdir: String?

  @Option(
    name: [.customShort("u", allowingJoined: true), .customLong("user")],
    help: ArgumentHelp("Who it runs as.", valueName: "user[:group]"))
  var user: String?

  @Option(
    name: [.customShort("h", allowingJoined: true), .customLong("hostname")],
    help: "The name inside.")
  var hostname: String?

  @Option(
    name: [.customShort("v", allowingJoined: true), .customLong("volume")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Bind a directory of the host.", valueName: "source:target[:options]"))
  var volumes: [String] = []

  @Flag(name: .customLong("init"), help: "Run an init that passes signals on and reaps.")
  var hasInit = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Run a shell command at a stage of config.json's hooks.", valueName: "stage=command"))
  var hook: [String] = []

  @OptionGroup(title: "Its life") var life: LifeFlags
  @OptionGroup(title: "Joining") var joining: JoiningFlags
  @OptionGroup(title: "Limits") var limits: Limits
  @OptionGroup(title: "Isolation") var isolation: Isolation
  @OptionGroup(title: "Glass") var glass: Glass

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The image, the command and its arguments.", valueName: "image-command"))
  var words: [String] = []

  func run() throws {
    let words = self.words.first == "--" ? self.words.dropFirst() : self.words[...]
    guard let image = words.first else {
      throw EngineError(
        "\"drydock run\" requires at least 1 argument.", hint: "See 'drydock run --help'.")
    }
    // Passing through keeps the parser from seeing it.
    if image == "--help" { throw CleanExit.helpRequest(Run.self) }
    guard !image.hasPrefix("-") else {
      throw EngineError("unknown flag: \(image)", hint: "See 'drydock run --help'.")
    }
    var options = RunOptions(image: image)
    options.command = Array(words.dropFirst())
    options.name = name
    options.removeOnExit = remove
    options.interactive = interactive
    options.tty = tty
    options.environment = environment
    options.workingDirectory = workdir
    options.user = user
    options.hostname = hostname
    options.volumes = volumes
    options.hasInit = hasInit
    options.hooks = hook
    try limits.apply(to: &options)
    isolation.apply(to: &options)
    options.glass = glass.words
    life.apply(to: &options)
    try joining.run(options, drydock.engine())
  }
}

/// How much it may use.
struct Limits: ParsableArguments {
  @Option(
    name: [.customShort("c", allowingJoined: true), .customLong("cpu-shares")],
    help: "Relative share of CPU time.")
  var cpuShares: UInt64?

  @Option(parsing: .unconditional, help: "How many CPUs, such as 1.5.")
  var cpus: String?

  @Option(help: "Which CPUs, such as 0-1.")
  var cpusetCpus: String?

  @Option(
    name: [.customShort("m", allowingJoined: true), .customLong("memory")],
    parsing: .unconditional, help: "Most memory, such as 64m.")
  var memory: String?

  @Option(parsing: .unconditional, help: "Memory and swap together; -1 for no limit.")
  var memorySwap: String?

  @Option(parsing: .unconditional, help: "Most processes and threads; -1 for no limit.")
  var pidsLimit: Int64?

  func apply(to options: inout RunOptions) throws {
    options.cpuShares = cpuShares
    options.cpus = try cpus.map(Amount.cpus)
    options.cpusetCpus = cpusetCpus
    options.memory = try memory.map(Amount.bytes)
    options.memorySwap = try memorySwap.map(Amount.bytesOrUnlimited)
    options.pidsLimit = pidsLimit
  }
}

/// What it may see and do.
struct Isolation: ParsableArguments {
  @Option(name: [.customLong("network"), .customLong("net")], help: "none or host.")
  var network = "none"

  @Option(help: "host: the host's own name.")
  var uts = ""

  @Flag(help: "Make its root read-only.")
  var readOnly = false

  @Option(parsing: .unconditionalSingleValue, help: "Grant a capability.")
  var capAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: "Take a capability away.")
  var capDrop: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: "seccomp=unconfined, seccomp=FILE or no-new-privileges.")
  var securityOpt: [String] = []

  @Option(
    name: .customLong("uidmap"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Make a user namespace: from this uid inside, so many are others outside.",
      valueName: "container:host[:size]"))
  var uidMap: [String] = []

  @Option(
    name: .customLong("gidmap"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The same for groups; as --uidmap when not given.", valueName: "container:host[:size]"))
  var gidMap: [String] = []

  func apply(to options: inout RunOptions) {
    options.uidMap = uidMap
    options.gidMap = gidMap
    options.network = network
    options.uts = uts
    options.readOnly = readOnly
    options.capAdd = capAdd
    options.capDrop = capDrop
    options.securityOptions = securityOpt
  }
}

/// How its making is watched: handed to the runtime as it is.
struct Glass: ParsableArguments {
  @Flag(help: "Tell each step, with its command and its evidence.")
  var explain = false

  @Flag(help: "Wait at each step.")
  var step = false

  @Option(help: "Write timed steps to a file, as JSON.")
  var trace: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Let a step fail.", valueName: "id[:errno|kill]"))
  var fault: [String] = []

  @Option(help: "en or zh.")
  var lang: String?

  var words: [String] {
    var words = [String]()
    if explain { words.append("--explain") }
    if step { words.append("--step") }
    if let trace { words += ["--trace", trace] }
    for fault in fault { words += ["--fault", fault] }
    if let lang { words += ["--lang", lang] }
    return words
  }
}
