import Linux
import Testing

/// epoll(7) and inotify(7).
@Suite struct NotificationTests {
  @Test func aQueueTellsWhatIsReadyAndForgets() throws {
    var queue = try EventQueue()
    let (input, output) = try Pipe.make()
    let reading = Descriptor(owning: input)
    let writing = Descriptor(owning: output)
    try queue.watch(reading.raw, for: .readable)
    #expect(try queue.wait(milliseconds: 0).isEmpty)
    try queue.watch(writing.raw, for: .writable)
    #expect(try queue.wait(milliseconds: 0).map { $0.fd } == [writing.raw])
    try queue.watch(writing.raw, for: [])
    try File.write(writing.raw, [1], name: "pipe")
    let ready = try queue.wait(milliseconds: 0)
    #expect(ready.map { $0.fd } == [reading.raw])
    #expect(ready.first?.events == .readable)
    queue.forget(reading.raw)
    queue.forget(reading.raw)
    #expect(try queue.wait(milliseconds: 0).isEmpty)
  }

  @Test func aDirectoryTellsWhatHappensInIt() throws {
    let directory = try TemporaryDirectory()
    let watch = try DirectoryWatch()
    let number = try watch.add(directory.path)
    #expect(try watch.add(directory.path) == number)
    #expect(try watch.news().isEmpty)
    try File.makeDirectory(directory.path + "/inner")
    try File.replace(directory.path + "/file", with: [1])
    try File.remove(directory.path + "/file")
    try File.removeDirectory(directory.path + "/inner")
    let news = try watch.news()
    #expect(news.first == .entry(watch: number, name: "inner", .made))
    #expect(
      Array(news.suffix(3)) == [
        .entry(watch: number, name: "file", .filled), .entry(watch: number, name: "file", .gone),
        .entry(watch: number, name: "inner", .gone),
      ])
  }

  @Test func aWatchEndsWithItsDirectory() throws {
    let directory = try TemporaryDirectory()
    let watch = try DirectoryWatch()
    try File.makeDirectory(directory.path + "/inner")
    let number = try watch.add(directory.path + "/inner")
    try File.removeDirectory(directory.path + "/inner")
    #expect(try watch.news() == [.ended(watch: number)])
    #expect(throws: SystemError.self) { _ = try watch.add(directory.path + "/inner") }
  }
}
