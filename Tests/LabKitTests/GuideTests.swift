import Engine
import Linux
import Measure
import Testing

@testable import LabKit

/// The flow of a lab, with stand-ins for containers.
@Suite struct GuideTests {
  /// A lab whose one finding comes out as told.
  private func lab(_ verdict: Verdict) -> Lab {
    var lab = allLabs[0]
    lab.questions = [lab.questions[0]]
    lab.experiment = { stage in
      stage.look("/proc/loadavg", Words.run, .before)
      _ = try stage.start(RunOptions(image: "busybox"), steps: ["process.clone", "cpu.shares"])
      stage.fact("release", "9.9.9")
      stage.look("/proc/loadavg", Words.run, .after)
      stage.find(Finding("kernel", Words.lab, expected: "x", seen: "y", verdict))
    }
    return lab
  }

  private func run(
    _ verdict: Verdict, answer: String, _ language: Language = .en
  ) throws -> (text: String, outcome: LabOutcome, containers: FakeContainers) {
    let screen = Screen(language: language)
    let guide = Guide(
      lab(verdict), screen: screen, journal: try Journal(path: nil), given: ["kernel": answer])
    let containers = FakeContainers()
    guide.introduce()
    try guide.predict()
    try guide.run(containers)
    try guide.explain()
    guide.score()
    guide.assign([:])
    return (screen.kept, guide.outcome(), containers)
  }

  @Test func aWrongAnswerIsExplainedByItsOwnText() throws {
    let (text, outcome, containers) = try run(.pass, answer: "a")
    #expect(text.contains("Not so."))
    #expect(text.contains("There is no kernel in an image"))
    #expect(text.contains("9.9.9"))
    #expect(text.contains("Instead, (b)"))
    #expect(text.contains("Predictions right: 0 of 1. Verdict: pass."))
    #expect(outcome.predictions.map(\.isCorrect) == [false])
    #expect(outcome.verdict == .pass)
    #expect(containers.started.count == 1 && containers.started[0].isEnded)
  }

  @Test func aRightAnswerIsConfirmedByTheKernelOnly() throws {
    #expect(try run(.pass, answer: "b").text.contains("Right."))
    let (text, outcome, _) = try run(
      .inconclusive([.fewCPUs(wanted: 1.5, had: 0.4)]), answer: "b")
    #expect(!text.contains("Right."))
    #expect(text.contains("too few free CPUs: wanted 1.5, had 0.4"))
    #expect(outcome.predictions.map(\.isCorrect) == [false])
    #expect(LabCommand.code(outcome.verdict) == 2)
    let failed = try run(.fail(Bilingual(en: "no", zh: "不")), answer: "b")
    #expect(failed.text.contains("something else than the course expects: no."))
    #expect(LabCommand.code(failed.outcome.verdict) == 1)
  }

  @Test func nobodyAskedMeansNoPrediction() throws {
    let screen = Screen(language: .en)
    let guide = Guide(lab(.pass), screen: screen, journal: try Journal(path: nil), given: [:])
    try guide.predict()
    try guide.run(FakeContainers())
    try guide.explain()
    guide.score()
    #expect(guide.outcome().predictions.map(\.answer) == [nil])
    #expect(screen.kept.contains("Nobody is asked") && screen.kept.contains("There is only one"))
    #expect(!screen.kept.contains("Predictions right") && !screen.kept.contains("You said"))
  }

  @Test func stepsAreShownWithTheirShell() throws {
    let (text, _, containers) = try run(.pass, answer: "b")
    #expect(text.contains("2 of the 3 steps"))
    #expect(text.contains("# unshare sh"))
    #expect(text.contains("(no shell command does this)"))
    #expect(text.contains("$ drydock run --network none busybox"))
    #expect(containers.started[0].options.name?.hasPrefix("lab-\(Processes.current)-") == true)
  }

  @Test(arguments: Language.allCases) func itFitsAPlainTerminal(_ language: Language) throws {
    let text = try run(.pass, answer: "c", language).text
    for line in text.split(separator: "\n") { #expect(Columns.width(line) <= 80, "\(line)") }
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    if language == .zh { #expect(text.contains("1 预测") && !text.contains("Predict")) }
  }

  @Test func anErrorEndsItsContainers() throws {
    var lab = lab(.pass)
    lab.experiment = { stage in
      _ = try stage.start(RunOptions(image: "busybox"))
      throw LabError("on purpose")
    }
    let guide = Guide(
      lab, screen: Screen(language: .en), journal: try Journal(path: nil), given: [:])
    let containers = FakeContainers()
    #expect(throws: LabError("on purpose")) { try guide.run(containers) }
    #expect(containers.started[0].isEnded)
  }

  @Test func commandsAreTypedAsPeopleDo() {
    var options = RunOptions(image: "stress")
    options.cpus = 1.5
    options.cpuShares = 512
    options.memory = 64 << 20
    options.memorySwap = -1
    options.command = ["sh", "-c", "echo 'hi'"]
    #expect(
      Typed.drydock(options)
        == #"drydock run --cpu-shares 512 --cpus 1.5 --memory 64m --memory-swap -1 --network none stress sh -c 'echo '\''hi'\'''"#
    )
  }

  @Test func optionsAreRead() throws {
    let options = try LabOptions(
      ["start", "13", "--yes", "--lang", "zh", "--answer", "split=a", "--out", "/x"],
      environment: ["LANG": "en_US.UTF-8", "HOME": "/home/me"])
    #expect(options.words == ["start", "13"] && options.isHeadless && options.language == .zh)
    #expect(options.answers == ["split": "a"] && options.work == "/home/me/.drydock/labs")
    #expect(throws: LabError.self) { try LabOptions(["--bogus"], environment: [:]) }
    #expect(throws: LabError.self) { try LabOptions(["--lang", "fr"], environment: [:]) }
    #expect(throws: LabError.self) { try LabOptions(["--out"], environment: [:]) }
    #expect(try LabOptions([], environment: ["LC_ALL": "zh_CN.UTF-8"]).language == .zh)
  }

  @Test func verdictsComeFromTheWindow() {
    // A split measured on a machine where half a CPU was free is doubted, whatever it says.
    let stage = Stage(containers: NoContainers())
    let expected = Expected(2.0 / 3, within: 0.03, unit: .share)
    stage.find("calm", Words.lab, expected: expected, measured: 0.66)
    stage.find("off", Words.lab, expected: expected, measured: 0.5, cause: "ratio")
    stage.find(
      "busy", Words.lab, expected: expected, measured: 0.5,
      doubts: Quiet.doubts(busyWindow, wanted: 1, on: [0], own: 0.5), cause: "ratio")
    let words = stage.record.findings.map(\.verdict.word.en)
    #expect(words == ["pass", "fail", "inconclusive"])
    #expect(stage.record.cause == "ratio")
    #expect(stage.record.findings[2].isFailure == false)
  }

  /// One second on one CPU, all of it busy.
  private var busyWindow: Window {
    func snapshot(_ user: Int, _ nanoseconds: UInt64) -> Snapshot {
      let stat = ProcStat(
        parsing: "cpu \(user) 0 0 0 0 0 0 0\ncpu0 \(user) 0 0 0 0 0 0 0\nctxt 1\n")
      return Snapshot(nanoseconds: nanoseconds, stat: stat)
    }
    return Window(from: snapshot(0, 0), to: snapshot(100, 1_000_000_000))
  }
}
