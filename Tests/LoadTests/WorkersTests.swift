import Testing

@testable import Load

/// What workers verify themselves by.
@Suite struct WorkersTests {
  @Test("A walk passes every line before it comes back, and its place can be computed")
  func walk() throws {
    let walk = try #require(Walk(bytes: 100_000))
    #expect(walk.lines == 1024, "the power of two below 100000 ÷ 64")
    var line: UInt64 = 0
    var seen: Set<UInt64> = []
    for steps in 0..<walk.lines {
      #expect(walk.place(from: 0, after: steps) == line)
      seen.insert(line)
      line = walk.next(line)
    }
    #expect(line == 0)
    #expect(seen.count == walk.lines)
    #expect(Walk(bytes: 8191) == nil)
  }

  @Test("A walk that meets a changed word ends elsewhere") func corruptedWalk() throws {
    let walk = try #require(Walk(bytes: 8192))
    let words = try Words(bytes: 8192, count: walk.lines * Walk.wordsPerLine)
    walk.lay(in: words)
    let place = walk.place(from: 0, after: Walk.steps)
    #expect(walk.go(from: 0, in: words) == place)
    unsafe words.start[0] = walk.next(1)
    #expect(walk.go(from: 0, in: words) != place)
  }

  @Test("The sum of a filled memory is known, whatever its size", arguments: [1, 2, 7, 4096])
  func sums(count: Int) throws {
    let words = try Words(bytes: count * 8, count: count)
    for key in [0, 1, UInt64.max - 3] {
      words.fill(key: key)
      #expect(words.sum() == words.sumAfterFill(key: key))
      unsafe words.start[count - 1] ^= 0x40
      #expect(words.sum() != words.sumAfterFill(key: key))
    }
  }

  @Test("A block of another key, or with a changed word, differs") func blocks() throws {
    let block = try Block(bytes: 4096)
    block.fill(7)
    #expect(block.firstDifference(7) == nil)
    #expect(block.firstDifference(8) == 0)
    unsafe block.start[511] ^= 1
    #expect(block.firstDifference(7) == 511)
  }

  @Test("A message with a changed byte differs, whatever its number") func messages() {
    let message = Message(size: 100)
    message.number = .max
    #expect(message.firstDifference() == nil)
    #expect(message.number == .max)
    unsafe message.start.storeBytes(of: 0x55, toByteOffset: 99, as: UInt8.self)
    #expect(message.firstDifference() == 99)
  }

  @Test("A greeting is read as it was written, and nothing else is one") func greetings() {
    let greeting = Greeting(kind: Greeting.sink, size: 131_072)
    #expect(Greeting(greeting.text) == greeting)
    for place in 0..<8 {
      var text = greeting.text
      text[place] ^= 0x20
      #expect(Greeting(text) == nil, "byte \(place)")
    }
    #expect(Greeting(Greeting(kind: Greeting.echo, size: 7).text) == nil)
    #expect(Greeting(Greeting(kind: Greeting.echo, size: (16 << 20) + 1).text) == nil)
  }

  @Test("Moments of a schedule do not drift") func schedule() {
    let schedule = Schedule(startNs: 5, rate: 3)
    #expect(schedule.moment(0) == 5)
    #expect(schedule.moment(1) == 333_333_338)
    #expect(schedule.moment(3_000_000) == 1_000_000_000_000_005)
  }

  @Test("Shared histograms are each worker's own, and tell what was counted") func slots() throws {
    let slots = try Slots(count: 2, timed: true)
    for value in [40, 7, 3_000_000, 7] as [UInt64] { slots[1].count(tookNs: value) }
    slots[0].count(tookNs: .max)
    #expect(slots[1].operations == 4)
    #expect(slots[1].latencies.buckets.map(\.count) == [2, 1, 1])
    #expect(slots[1].latencies.min == 7)
    #expect(slots[0].latencies.max == (1 << 36) - 1, "what is above is counted as the largest")
    let untimed = try Slots(count: 1)
    untimed[0].count(tookNs: 5)
    #expect(untimed[0].operations == 1)
    #expect(untimed[0].latencies.count == 0)
  }

  @Test("What came since an earlier look") func since() {
    var histogram = Histogram([.init(lowestValue: 5, count: 2)])
    let earlier = histogram
    histogram.record(5)
    histogram.record(9000, count: 4)
    #expect(histogram.since(earlier).count == 5)
    #expect(histogram.since(earlier).min == 5)
    #expect(histogram.since(histogram) == Histogram())
  }

  @Test("Only percentiles with enough values are told") func told() {
    let few = Histogram([.init(lowestValue: 5, count: 19)])
    #expect(few.told.map(\.name) == ["max"])
    let many = Histogram([.init(lowestValue: 5, count: 1000)])
    #expect(many.told.map(\.name) == ["p50", "p90", "p99", "max"])
  }
}
