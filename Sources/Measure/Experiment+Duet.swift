extension Experiment {
  /// Both pairs of a round, each twice with the CPUs swapped: four samples, two numbers in each.
  func takeDuets(
    _ duet: Duet, _ arms: [Arm], _ random: inout SeededRandom, _ sampler: Sampler,
    _ isInterrupted: () -> Bool
  ) throws(ExperimentError) -> [Sample] {
    let parts = arms.compactMap(\.part)
    guard parts.count == 4, arms.count == 4 else {
      throw ExperimentError("experiment \(id): a duet has two arms, each with a part")
    }
    var samples: [Sample] = []
    for pair in random.shuffled([[0, 1], [2, 3]]) where !isInterrupted() {
      let canary = Canary.spin(milliseconds: canaryMilliseconds)
      let before = try Experiment.read(sampler)
      var halves: [[Int: Measurement]] = [[:], [:]]
      for swapped in random.shuffled([false, true]) {
        let (a, b) = try duet.play(parts[pair[0]], parts[pair[1]], swapped: swapped)
        halves[0][duet.cpus[swapped ? 1 : 0]] = a
        halves[1][duet.cpus[swapped ? 0 : 1]] = b
      }
      let window = Window(from: before, to: try Experiment.read(sampler))
      for (index, measured) in zip(pair, halves) {
        samples.append(
          sample(of: arms[index], samples.count, duet.joined(measured), canary: canary, window))
      }
    }
    return samples
  }
}
