// drydock-classroom: `drydock classroom …`, machines for a class.

import ArgumentParser
import Linux

struct ClassroomCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classroom", abstract: "Virtual machines for a class.",
    subcommands: [Build.self, Up.self, Down.self, List.self, SSH.self, Reset.self])
}

ClassroomCommand.main()
