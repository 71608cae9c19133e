import Linux
import Steps
import Testing

/// The glass: nothing without an observer, everything with one.
@Suite struct GlassTests {
  private final class Judge: StepObserver {
    let answer: Disposition
    var after: [StepRecord] = []
    init(_ answer: Disposition) { self.answer = answer }
    func before(_ step: StepRecord, _ operation: borrowing Operation) -> Disposition { answer }
    func after(_ step: StepRecord) { after.append(step) }
  }

  private let missing = "/nowhere/at/all"

  @Test func withoutAnObserverTheCallIsMade() {
    let failure = StepFailure(.stateCreate, SystemError("mkdir(2)", .noEntry, missing))
    #expect(throws: failure) { try Glass().perform(.stateCreate, .makeDirectory(missing)) }
    #expect(
      failure.text
        == "state.create: mkdir(2) /nowhere/at/all: no such file or directory (ENOENT)")
  }

  @Test func withOneTheFailureIsSeenAndThrown() {
    let judge = Judge(.proceed)
    #expect(throws: StepFailure.self) {
      try Glass(observer: judge).perform(.stateCreate, .makeDirectory(missing))
    }
    #expect(judge.after.map { $0.errno } == [.noEntry])
    #expect(judge.after.first?.object == missing)
  }

  @Test func aPlantedFaultFailsWithoutTheCall() {
    let judge = Judge(.fail(.busy))
    #expect(
      throws: StepFailure(.stateCreate, SystemError("(planted fault)", .busy, "/tmp"))
    ) { try Glass(observer: judge).perform(.stateCreate, .makeDirectory("/tmp")) }
    #expect(judge.after.map { $0.errno } == [.busy])
  }

  @Test func whatIsPretendedIsNotDone() throws {
    let judge = Judge(.pretend(42))
    #expect(try Glass(observer: judge).perform(.stateCreate, .makeDirectory(missing)) == 42)
    var ran = false
    try Glass(observer: judge).around(
      .hookRun, .described(call: "execve(2)", object: "x", shell: nil)
    ) { () throws(SystemError) in ran = true }
    #expect(!ran)
    #expect(judge.after.count == 2)
  }

  @Test func aroundSeesTheBodysError() {
    let judge = Judge(.proceed)
    #expect(throws: StepFailure(.ttyOpen, SystemError("open(2)", .noEntry, "x"))) {
      try Glass(observer: judge).around(
        .ttyOpen, .described(call: "open(2)", object: "x", shell: nil)
      ) { () throws(SystemError) in throw SystemError("open(2)", .noEntry, "x") }
    }
    #expect(judge.after.map { $0.errno } == [.noEntry])
  }

  @Test func durationsAreMeasured() throws {
    let judge = Judge(.proceed)
    let began = Clock.now
    try Glass(observer: judge).around(
      .ttyOpen, .described(call: "open(2)", object: "x", shell: nil)
    ) { () throws(SystemError) in Clock.sleep(2_000_000) }
    let record = try #require(judge.after.first)
    #expect(record.start >= began && record.duration >= 2_000_000)
    #expect(record.start + record.duration <= Clock.now)
  }

  @Test func theRecorderPretendsAndNotes() throws {
    let recorder = Recorder()
    let glass = Glass(observer: recorder)
    let pid = try glass.perform(.processClone, .clone([.pid], cgroup: -1))
    try glass.perform(.utsSethostname, .hostName("never-set"))
    #expect(pid == 4242)
    #expect(recorder.steps.map { $0.id } == [.processClone, .utsSethostname])
    #expect(HostName.current != "never-set")
  }
}
