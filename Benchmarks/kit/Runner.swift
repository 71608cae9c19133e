internal import Linux
public import Measure

/// Runs a plan: one experiment after the other, each audited, each kept as soon as it is done.
///
/// Time is dealt out as it goes: an experiment gets the part of what is left that its plan is of
/// all that is still to come. It ends early when another round would not fit, but not below the
/// fewest rounds that a verdict may rest on.
public struct Runner {
  private let plan: Plan
  private let ground: Ground
  private let progress: Progress
  private let keep: (ResultDocument) throws(ExperimentError) -> Void

  /// Describes a run.
  ///
  /// - Parameters:
  ///   - plan: What is run.
  ///   - ground: What it is run on.
  ///   - progress: Who is told how far it is.
  ///   - keep: Told of the document after each experiment.
  public init(
    _ plan: Plan, on ground: Ground, progress: Progress,
    keep: @escaping (ResultDocument) throws(ExperimentError) -> Void
  ) {
    self.plan = plan
    self.ground = ground
    self.progress = progress
    self.keep = keep
  }

  /// Runs all, or until Ctrl-C.
  ///
  /// - Parameter document: Where the results go.
  /// - Throws: `ExperimentError` when the document cannot be kept.
  public func run(_ document: inout ResultDocument) throws(ExperimentError) {
    let begin = Clock.now
    var ahead = plan.declarations.map(plan.seconds).reduce(0, +)
    for (index, declaration) in plan.declarations.enumerated() {
      if Interrupt.isPending { break }
      let planned = plan.seconds(of: declaration)
      let left = plan.seconds.map { $0 - Double(Clock.now - begin) / 1e9 }
      if let left, left <= 0 {
        document.missing.append(
          Missing(
            declaration.id,
            Bilingual(
              en: "the time of the profile \(plan.profile.rawValue) was used up",
              zh: "\(plan.profile.rawValue) 档的时间已用完")))
        continue
      }
      let share = left.map { $0 * planned / max(ahead, planned) }
      ahead -= planned
      progress.begin(declaration, index + 1, of: plan.declarations.count)
      do throws(ExperimentError) {
        let result = try measure(declaration, seconds: share, ahead: ahead, document)
        if !result.rounds.isEmpty { document.experiments.append(result) }
        document.waterfalls = ground.waterfalls
        progress.end(result)
      } catch {
        // A command that Ctrl-C cut short is no failure of the experiment.
        if Interrupt.isPending { break }
        document.missing.append(Missing(declaration.id, Bilingual(error.text)))
        progress.fail(error.text)
      }
      for peer in ground.missing where !document.missing.contains(peer) {
        document.missing.append(peer)
      }
      document.isInterrupted = Interrupt.isPending
      try keep(document)
    }
    document.isInterrupted = Interrupt.isPending
    try keep(document)
  }

  private func measure(
    _ declaration: Declaration, seconds: Double?, ahead: Double, _ document: ResultDocument
  ) throws(ExperimentError) -> ExperimentResult {
    let begin = Clock.now
    let audit = LeakAudit(ground.place)
    var result: ExperimentResult
    do throws(ExperimentError) {
      var experiment = Experiment(
        id: declaration.id, title: declaration.title, sentence: declaration.sentence,
        unit: declaration.unit, arms: try declaration.arms(ground), floor: declaration.floor,
        command: "drydock bench run \(declaration.id) --rounds \(plan.rounds(of: declaration))"
          + " --seed \(document.seed)",
        caveat: declaration.caveat, published: declaration.published, axis: declaration.axis,
        facets: declaration.facets)
      // For CPU-bound pairs; where there is one CPU, they take turns.
      let cpus = Kernel.cpuList(Kernel.status(Processes.current, "Cpus_allowed_list") ?? "")
      if experiment.arms.allSatisfy({ $0.part != nil }), cpus.count > 1 {
        experiment.duet = Duet(cpus: (cpus[0], cpus[1]))
      }
      experiment.rounds = plan.rounds(of: declaration)
      result = try experiment.run(
        seed: document.seed, isInterrupted: { Interrupt.isPending },
        goesOn: { now in
          let aRound = Double(now.nanoseconds) / 1e9 / Double(max(1, now.kept + now.discarded))
          progress.update(now, left: Double(now.wanted - now.kept) * aRound + ahead)
          guard let seconds, now.kept >= Comparison.fewestRounds else { return true }
          // What was set up is taken away as well: half of it is still to come.
          let gone = Double(Clock.now - begin) / 1e9 + declaration.setUpSeconds / 2
          return gone + aRound < seconds
        })
    } catch {
      let complaints = ground.end()
      throw ExperimentError(([error.text] + complaints).joined(separator: "; "))
    }
    if !ground.throttling.isEmpty { result.throttling = ground.throttling }
    result.leaks = ground.end() + audit.leaks()
    return result
  }
}
