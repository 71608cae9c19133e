import ArgumentParser
import Engine

/// What `run` and `create` have in common: options up to the image, whose command takes the rest as
/// it is.
struct ContainerFlags: ParsableArguments {
  @Option(help: "Its name; made up when not given.")
  var name: String?

  @OptionGroup var process: ProcessFlags

  @Option(
    name: [.customShort("a", allowingJoined: true), .customLong("attach")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Attach to a stream.", valueName: "stdin|stdout|stderr"))
  var attach: [String] = []

  @Flag(name: .customLong("rm"), help: "Remove the container when it ends.")
  var remove = false

  @Option(parsing: .unconditional, help: "Run this in place of the image's entrypoint.")
  var entrypoint: String?

  @Option(parsing: .unconditionalSingleValue, help: "Read labels from a file.")
  var labelFile: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: "One more group it belongs to.")
  var groupAdd: [String] = []

  @Option(name: .customLong("cidfile"), help: "Write its id to a file.")
  var idFile: String?

  @Flag(name: .customLong("init"), help: "Run an init that passes signals on and reaps.")
  var hasInit = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Run a shell command at a stage of config.json's hooks.", valueName: "stage=command"))
  var hook: [String] = []

  @OptionGroup(title: "Names") var names: NameFlags
  @OptionGroup(title: "Network") var network: NetworkFlags
  @OptionGroup(title: "Files") var files: FileFlags
  @OptionGroup(title: "Limits") var limits: LimitFlags
  @OptionGroup(title: "Isolation") var isolation: IsolationFlags
  @OptionGroup(title: "Its life") var life: LifeFlags
  @OptionGroup(title: "Glass") var glass: GlassFlags

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The image, the command and its arguments.", valueName: "image-command"))
  var words: [String] = []

  /// What was typed; `command` is for the messages.
  func options(_ command: any ParsableCommand.Type) throws -> RunOptions {
    let words = try FlagTable.passed(self.words, of: command)
    guard let image = words.first else {
      let name = command._commandName
      throw EngineError(
        "\"drydock \(name)\" requires at least 1 argument.", hint: "See 'drydock \(name) --help'.")
    }
    var options = RunOptions(image: image)
    options.command = Array(words.dropFirst())
    options.name = self.name
    options.removeOnExit = remove
    options.attach = attach
    options.entrypoint = entrypoint
    options.labelFiles = labelFile
    process.apply(to: &options)
    options.groups = groupAdd
    options.idFile = idFile
    options.hasInit = hasInit
    options.hooks = hook
    names.apply(to: &options)
    try files.apply(to: &options)
    try limits.apply(to: &options)
    isolation.apply(to: &options)
    network.apply(to: &options)
    life.apply(to: &options)
    options.glass = glass.words
    return options
  }
}

/// What it is called, and whom it knows.
struct NameFlags: ParsableArguments {
  @Option(
    name: [.customShort("h", allowingJoined: true), .customLong("hostname")],
    help: "The name inside.")
  var hostname: String?

  @Option(name: .customLong("domainname"), help: "The NIS domain inside.")
  var domainname: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A line of /etc/hosts.", valueName: "name:ip"))
  var addHost: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: "A name server.")
  var dns: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: "Where names without a point are looked for.")
  var dnsSearch: [String] = []

  @Option(
    name: [.customLong("dns-option"), .customLong("dns-opt")], parsing: .unconditionalSingleValue,
    help: "An option of resolv.conf(5).")
  var dnsOption: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A port it listens on.", valueName: "port[/udp]"))
  var expose: [String] = []

  func apply(to options: inout RunOptions) {
    options.hostname = hostname
    options.domainname = domainname
    options.addedHosts = addHost
    options.dns = dns
    options.dnsSearch = dnsSearch
    options.dnsOptions = dnsOption
    options.expose = expose
  }
}

/// How its making is watched: handed to the runtime as it is.
struct GlassFlags: ParsableArguments {
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
