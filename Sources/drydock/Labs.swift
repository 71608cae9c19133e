import ArgumentParser
import LabBridge
import LabCapabilities
import LabCpuQuota
import LabCpuShares
import LabCpuset
import LabHosts
import LabInit
import LabKit
import LabLayers
import LabMemory
import LabMount
import LabOverlay
import LabPid
import LabPorts
import LabProcess
import LabRootfs
import LabSeccomp
import LabUser
import LabUts
import LabVeth

/// `drydock lab`: the guided labs.
///
/// Their arguments are read by LabKit, which the executable of each single lab uses alike.
struct Labs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab", abstract: "Guided labs on real containers.",
    usage: "drydock lab list|start|check|hint|reset|progress|run [LAB] [OPTIONS]")

  @ParentCommand var drydock: Drydock

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("A command, a lab and options; see 'drydock lab help'.", valueName: "words"))
  var words: [String] = []

  /// All labs, in the order of the course.
  static let all = [
    LabProcess.lab,
    LabUts.lab, LabPid.lab, LabInit.lab, LabMount.lab, LabRootfs.lab,
    LabOverlay.lab, LabLayers.lab,
    LabUser.lab, LabCapabilities.lab, LabSeccomp.lab,
    LabCpuShares.lab, LabCpuQuota.lab, LabCpuset.lab, LabMemory.lab,
    LabVeth.lab, LabBridge.lab, LabPorts.lab, LabHosts.lab,
  ]

  func run() throws {
    if words.contains("--help") || words.contains("-h") {
      throw ExitCode(LabCommand.run(labs: Labs.all, ["help"]))
    }
    let roots = ["--root", drydock.root, "--run-root", drydock.runRoot]
    throw ExitCode(LabCommand.run(labs: Labs.all, roots + words))
  }
}
