import ArgumentParser
import Classroom
import Linux

/// Which class.
struct ClassOption: ParsableArguments {
  @Option(
    name: .customLong("class"), help: ArgumentHelp("The class's folder.", valueName: "directory"))
  var folder = Classroom.usual

  func open() throws -> Classroom {
    try told { () throws(ClassroomError) in try Classroom(folder) }
  }
}

/// Runs a body whose errors are told as people see them.
func told<Result>(_ body: () throws(ClassroomError) -> Result) throws -> Result {
  do throws(ClassroomError) { return try body() } catch { throw Complaint(error.text) }
}

/// `drydock classroom up`.
struct Up: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Starts machines: those named, or all of a roster.")

  @OptionGroup var classroom: ClassOption
  @Option(help: ArgumentHelp("A CSV with a student a line.", valueName: "file"))
  var students: String?
  @Option(help: ArgumentHelp("MiB of memory for each.", valueName: "number"))
  var memory = 1024
  @Option(help: ArgumentHelp("CPUs for each.", valueName: "number"))
  var cpus = 2
  @Argument(help: "Machines.") var names: [String] = []

  func run() throws {
    let room = try classroom.open()
    var names = names
    if let students {
      names += try told { () throws(ClassroomError) in try Roster(path: students).names }
    }
    guard !names.isEmpty else {
      throw ValidationError("who? Name machines, or give a roster: --students FILE")
    }
    var hardware = Hardware()
    (hardware.memory, hardware.cpus) = (memory, cpus)
    hardware.accelerator = try told { () throws(ClassroomError) in
      try Accelerator.probe(in: room.folder)
    }
    var failed: [String] = []
    for (index, name) in names.enumerated() {
      let begin = Clock.now
      let place = "[\(index + 1)/\(names.count)] \(name)"
      do throws(ClassroomError) {
        let machine = try room.machine(name)
        try machine.start(hardware) { File.report("==> \($0)\n") }
        let tenths = (Clock.now - begin) / 100_000_000
        print("\(place): up, port \(machine.port ?? 0), \(tenths / 10).\(tenths % 10) s")
      } catch {
        failed.append(name)
        print("\(place): \(error.text)")
      }
    }
    if !failed.isEmpty {
      throw Complaint(
        "\(failed.count) of \(names.count) did not come up: \(failed.joined(separator: ", "))")
    }
  }
}

/// `drydock classroom down`.
struct Down: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down", abstract: "Turns machines off: those named, or all. Their disks stay.")

  @OptionGroup var classroom: ClassOption
  @Argument(help: "Machines.") var names: [String] = []

  func run() throws {
    let room = try classroom.open()
    try told { () throws(ClassroomError) in
      var machines: [Machine] = []
      if names.isEmpty { machines = try room.machines() }
      for name in names { machines.append(try room.machine(name)) }
      for machine in machines where machine.pid != nil {
        try machine.stop()
        print("\(machine.name): off")
      }
    }
  }
}

/// `drydock classroom list`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Which machines there are, and how they are.")

  @OptionGroup var classroom: ClassOption

  func run() throws {
    let room = try classroom.open()
    let machines = try told { () throws(ClassroomError) in try room.machines() }
    let width = max(7, machines.map(\.name.count).max() ?? 0) + 2
    func row(_ name: String, _ state: String, _ port: String) {
      print(name.padded(width) + state.padded(8) + port)
    }
    row("MACHINE", "STATE", "PORT")
    for machine in machines {
      row(machine.name, machine.state.rawValue, machine.port.map { "\($0)" } ?? "-")
    }
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

/// `drydock classroom reset`.
struct Reset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Gives students new machines: what was on the disks is gone.")

  @OptionGroup var classroom: ClassOption
  @Argument(help: "Machines.") var names: [String]

  func run() throws {
    let room = try classroom.open()
    try told { () throws(ClassroomError) in
      for name in names {
        let machine = try room.machine(name)
        try machine.discard()
        try machine.start(Hardware()) { File.report("==> \($0)\n") }
        print("\(name): new")
      }
    }
  }
}

/// `drydock classroom ssh` and `exec`.
struct SSH: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ssh", abstract: "A shell, or a command, in a machine.",
    aliases: ["exec"])

  @OptionGroup var classroom: ClassOption
  @Flag(help: "As root, not as the student.") var root = false
  @Argument(help: "The machine.") var name: String
  @Argument(parsing: .captureForPassthrough, help: "A command.") var command: [String] = []

  func run() throws {
    let room = try classroom.open()
    let words = try told { () throws(ClassroomError) in
      try room.machine(name).ssh(
        as: root ? "root" : "student", isTerminal: command.isEmpty && Terminal.isTerminal(0))
    }
    try Processes.exec(words[0], words + command, Processes.environment)
  }
}
